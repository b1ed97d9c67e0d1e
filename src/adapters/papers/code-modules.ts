import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { prepareZXingModule, writeBarcode } from 'zxing-wasm/writer';

/** A QR code as squares. */
export interface CodeModules {
  /** Squares on one side. */
  readonly side: number;
  isDark(column: number, row: number): boolean;
}

let prepared = false;

/** The program comes from the package: by itself the library would ask a server on the internet for it. */
function prepare(): void {
  if (prepared) return;
  const file = createRequire(import.meta.url).resolve('zxing-wasm/writer/zxing_writer.wasm');
  prepareZXingModule({ overrides: { wasmBinary: new Uint8Array(readFileSync(file)).buffer } });
  prepared = true;
}

/** The smallest QR code of error correction level M that holds the text, without the white around it. */
export async function makeCode(text: string): Promise<CodeModules> {
  prepare();
  const { error, symbol } = await writeBarcode(text, {
    format: 'QRCode',
    options: 'ecLevel=M',
    scale: 1,
    addQuietZones: false,
  });
  const { width: side, height, data } = symbol;
  if (error !== '' || side === 0 || side !== height) throw new Error(`no code could be made of ${text}: ${error}`);
  return { side, isDark: (column, row) => data[row * side + column] === 0 };
}
