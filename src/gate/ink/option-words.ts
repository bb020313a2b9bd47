/** The options of the core's choices, in words for people. Another one is shown as it is. */

export function optionWords(option: string): string {
  return OPTION_WORDS[option] ?? option;
}

const OPTION_WORDS: Readonly<Record<string, string>> = {
  pair: 'Set it up now',
  code: 'Type a code now',
  later: 'Later',
  show: 'Show recovery codes',
  skip: 'Not now',
  continue: 'I have written them down',
};
