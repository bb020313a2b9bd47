/** Stands in for `react-devtools-core` in the bundle: Ink names it in an import that only DEV=true would run. */
export default {};
