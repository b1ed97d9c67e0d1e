/**
 * Bytes of bodies that are worked at in one turn of the event loop: some three milliseconds. Whatever else is ready, a page
 * or an answer of the database, comes in between.
 */
const bytesPerTurn = 2 ** 20;

interface Waiting {
  readonly bytes: number;
  readonly begin: () => void;
}

let leftBytes = bytesPerTurn;
let isTurnBegun = false;
const waiting: Waiting[] = [];

/**
 * Hands on the pieces of a body that comes in, so that two hundred of them at once slow each other down and not the people who
 * wait for an answer. Each body has one piece in the queue, so all of them go on alike; a single one waits for nothing.
 */
export async function* inTurns(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) {
    if (waiting.length === 0 && leftBytes > 0) take(piece.length);
    else await new Promise<void>((begin) => waiting.push({ bytes: piece.length, begin }));
    yield piece;
  }
}

function take(bytes: number): void {
  leftBytes -= bytes;
  if (isTurnBegun) return;
  isTurnBegun = true;
  setImmediate(beginTurn);
}

function beginTurn(): void {
  leftBytes = bytesPerTurn;
  isTurnBegun = false;
  while (leftBytes > 0) {
    const next = waiting.shift();
    if (next === undefined) return;
    take(next.bytes);
    next.begin();
  }
}
