/** Stands in for `react-devtools-core` in the bundle: Ink names it, and never calls it in production. */
export default { initialize() {}, connectToDevTools() {} };
