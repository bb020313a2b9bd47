/** Stands in for react-devtools-core in the bundle: Ink imports it, and it is a debugger's door that a login has no use for. */
const noDevtools = { initialize(): void {}, connectToDevTools(): void {} };
export default noDevtools;
