/** What the single-file program has in place of `sql.js`: the same, its WebAssembly out of the executable rather than from a file beside it. */
import { getRawAsset } from 'node:sea';
import initSqlJs, { type SqlJsConfig, type SqlJsStatic } from 'sql.js';

export default function initPacked(config: SqlJsConfig): Promise<SqlJsStatic> {
  return initSqlJs({ ...config, wasmBinary: getRawAsset('sql-wasm.wasm') });
}
