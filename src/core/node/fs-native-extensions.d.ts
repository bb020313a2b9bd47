/** The two calls of fs-native-extensions that Gatehouse uses: OFD locks on Linux, BSD locks on macOS, LockFileEx on Windows. */
declare module 'fs-native-extensions' {
  const native: {
    /** An exclusive lock of the whole open file description; false where another one holds it. */
    tryLock(fd: number): boolean;
    unlock(fd: number): void;
  };
  export default native;
}
