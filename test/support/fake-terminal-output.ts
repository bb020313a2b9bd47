/** A terminal's writing side that keeps what is written: a `tty.WriteStream` as far as Gatehouse and Ink use one. */
import { EventEmitter } from 'node:events';
import type { WriteStream } from 'node:tty';

export type FakeOutput = WriteStream & { written(): string; resize(columns: number, rows: number): void };

export function fakeOutput(columns = 80, rows = 24): FakeOutput {
  const chunks: string[] = [];
  const emitter = new EventEmitter();
  const stream = Object.assign(emitter, {
    isTTY: true,
    columns,
    rows,
    writable: true,
    write(chunk: string, done?: unknown) {
      chunks.push(chunk);
      if (typeof done === 'function') done();
      return true;
    },
    written: () => chunks.join(''),
    resize(newColumns: number, newRows: number) {
      stream.columns = newColumns;
      stream.rows = newRows;
      emitter.emit('resize');
    },
  });
  return stream as unknown as FakeOutput;
}
