/** What is wrong with a line as such, before its value is read. */
import { assertNever } from '../assert-never.ts';
import { LINE_MAX_CHARACTERS, type Line } from './line.ts';
import { clipped, quoted } from './problem.ts';
import { findSetting, fullKeyOf, SECTIONS } from './settings.ts';
import { keyAdvice, sectionAdvice } from './suggestion.ts';

export type LineProblem = { readonly key: string; readonly wrong: string; readonly right: string };

/**
 * What makes a line read otherwise than it looks: control characters but the tab, separators that some programs take for a
 * line's end, marks that turn the reading direction (Trojan Source, CVE-2021-42574). Refused in comments too.
 */
const DECEPTIVE = /[\x00-\x08\x0a-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/;

export function lineProblem(line: Line): LineProblem | undefined {
  const { content, text } = line;
  if (content.kind === 'too-long') {
    const wrong = `the line has ${text.length} characters`;
    return { key: 'line', wrong, right: `no line here is longer than ${LINE_MAX_CHARACTERS}` };
  }
  const deceptive = DECEPTIVE.exec(text)?.[0];
  if (deceptive !== undefined) return { key: nameOf(line), ...deceptiveProblem(deceptive) };
  switch (content.kind) {
    case 'blank':
    case 'comment':
      return undefined;
    case 'section':
      return sectionProblem(content.name);
    case 'broken-heading':
      return {
        key: clipped(text.trim()),
        wrong: 'a section heading stands alone on its line, from the first column on',
        right: 'move what is before or behind it',
      };
    case 'no-equals-sign':
      return { key: clipped(text.trim()), wrong: 'there is no = in this line', right: 'write Key=value, or ; first' };
    case 'no-key':
      return { key: clipped(text.trim()), wrong: 'there is nothing before the =', right: 'write Key=value' };
    case 'key':
      return keyProblem(line, content);
    default:
      return assertNever(content);
  }
}

function deceptiveProblem(character: string): { readonly wrong: string; readonly right: string } {
  if (character === '\r') {
    return {
      wrong: 'a carriage return stands alone in this line',
      right: 'end lines with a line feed, or with carriage return and line feed',
    };
  }
  if (character === '\0') return { wrong: 'there are NUL bytes in this line', right: 'save the file as UTF-8 text' };
  return {
    wrong: `there is a control or direction character in this line: ${clipped(character)}`,
    right: 'take it out',
  };
}

function sectionProblem(name: string): LineProblem | undefined {
  if (SECTIONS.some((section) => section === name)) return undefined;
  return { key: `[${clipped(name)}]`, wrong: 'there is no such section', right: sectionAdvice(name) };
}

function keyProblem(
  line: Line,
  content: { readonly key: string; readonly valueStart: number; readonly valueEnd: number },
): LineProblem | undefined {
  const { key, valueStart, valueEnd } = content;
  if (line.section !== null && !SECTIONS.some((section) => section === line.section)) return undefined;
  if (findSetting(fullKeyOf({ section: line.section, key })) === undefined) {
    return { key: nameOf(line), wrong: 'there is no such key here', right: keyAdvice(key, line.section) };
  }
  const next = line.text[valueEnd];
  if (valueEnd > valueStart && (next === ';' || next === '#')) {
    return {
      key: nameOf(line),
      wrong: `${quoted(next)} right behind the value would cut it off`,
      right: `write \\${next} if it belongs to the value, or a space before the comment`,
    };
  }
  return undefined;
}

function nameOf({ content, section }: Line): string {
  if (content.kind !== 'key') return 'line';
  return clipped(fullKeyOf({ section, key: content.key }));
}
