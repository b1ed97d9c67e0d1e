interface ChildBox {
  readonly type: string;
  /** Without the header; the body of a full box begins with version and flags. */
  readonly body: Buffer;
}

/**
 * The boxes inside a box whose header was already read. 32-bit sizes only. ISO/IEC 14496-12 section 4.2.
 * @throws Error.
 */
export function childBoxes(container: Buffer, from = 0): ChildBox[] {
  const boxes: ChildBox[] = [];
  for (let at = from; at < container.length; ) {
    const size = at + 8 <= container.length ? container.readUInt32BE(at) : 0;
    if (size < 8 || at + size > container.length) throw new Error('a box that does not fit into its container');
    boxes.push({ type: container.toString('latin1', at + 4, at + 8), body: container.subarray(at + 8, at + size) });
    at += size;
  }
  return boxes;
}

/** The body of the first box along a path. @throws Error when there is none. */
export function findBox(container: Buffer, ...path: readonly string[]): Buffer {
  return path.reduce((inside, type) => {
    const found = childBoxes(inside).find((box) => box.type === type);
    if (found === undefined) throw new Error(`no ${type} box`);
    return found.body;
  }, container);
}
