/** config.ini(5): every setting, from the table that parsing goes by. */
import { allowedText } from '../../src/core/config/example.ts';
import { LABEL_RULE } from '../../src/core/config/label.ts';
import type { Setting } from '../../src/core/config/setting.ts';
import { ALL_SETTINGS, SECTIONS } from '../../src/core/config/settings.ts';
import { type Block, blocksOf, type Definition, plain } from './markdown.ts';
import type { Page } from './roff.ts';

export function configPage(): Page {
  return {
    name: 'config.ini',
    section: 5,
    summary: 'configuration of Gatehouse, two-factor login for terminal programs',
    blocks: [
      ...blocksOf(ABOUT),
      { kind: 'definitions', items: settingsOf(null).map(withModes) },
      ...SECTIONS.flatMap((section): Block[] => [
        { kind: 'heading', level: 3, text: `[${section}]` },
        { kind: 'definitions', items: settingsOf(section) },
      ]),
      ...blocksOf(REST),
    ],
  };
}

const ABOUT = `
## Synopsis

\`--config\` *file*, else \`$GATEHOUSE_CONFIG\`, \`./config.ini\`, \`/etc/gatehouse/config.ini\`

## Description

The configuration of a facility: lines \`Key=value\` in sections, UTF-8. A line that begins with \`;\` or \`#\` is a comment; in a value,
\`\\;\` and \`\\#\` stand for the characters. Keys and sections are written as here. What is not written has its default. Relative paths count
from the folder of the file.

**gatehouse config set** *key* *value* changes a setting and keeps comments, order and everything else; **gatehouse config list** shows
all settings, **gatehouse config check** every problem with its line. A key that is unknown or there twice, a value that is not allowed, a
control character: the file is refused as a whole. A server that runs goes on with the configuration it has.

The file and each folder on its way belong to root or to the account that runs Gatehouse, and no other account may write the file;
anything else is refused. **gatehouse doctor** warns of a folder that a group may write. A user's gate accepts a file of the server's
account too, but only below \`/etc/gatehouse\`, and only if it names the server's socket. A gate that root runs accepts only root's.

## Settings

### Above the first section
`;

const MODES = `
| mode | meaning |
|---|---|
| \`Auto:\`*label* | Who logs on for the first time after two-factor was required of them is shown a QR code on the terminal, and pairs a phone with it. |
| \`Central:\`*label* | An administrator makes the QR code and hands it out; until then there is no entry. |
| \`Off\` | No second factor for anybody. |

The label is what authenticator apps show: ${plain(LABEL_RULE)}. Name facility and system type (LIVE, ACCEPTANCE): a user has an account for
each, and tells them apart by it. A changed label holds for new QR codes alone. Without this key nobody whose two-factor is on is let in;
only \`Off\` switches it off.
`;

const REST = `
## Files

| file | meaning |
|---|---|
| \`/etc/gatehouse/config.ini\` | The configuration of a host that names no other. It belongs to root or to the server's account; mode 0644. |
| \`config.ini.example\` | In the package: every setting with its explanation. |

## Examples

\`\`\`
2FA=Auto:Codectomy St Elsewhere LIVE

[Store]
Engine=sqlite
Path=/var/lib/gatehouse/gatehouse.db
KeyFile=/var/lib/gatehouse/gatehouse.key

[Audit]
Path=/var/lib/gatehouse/audit

[Server]
Socket=/run/gatehouse/gate.sock
\`\`\`

## Security

The file has to belong to root or to the account that reads it, and others may not write it. It decides who is let in: where the person who
logs on can choose the folder or the environment, name it with \`--config\`. Database, key and audit folder are to be readable by the account
of Gatehouse alone; looser modes are refused. Keep the key and the copies of the database in different places.

## See also

**gatehouse**(1), **gatehouse-login**(1), **gatehouse-protocol**(7)
`;

/** The mode is the one setting above the first section. */
function withModes({ term, blocks }: Definition): Definition {
  return { term, blocks: [...blocks, ...blocksOf(MODES)] };
}

function settingsOf(section: string | null): readonly Definition[] {
  return ALL_SETTINGS.filter((setting) => setting.section === section).map(definitionOf);
}

function definitionOf(setting: Setting<unknown>): Definition {
  const fallback = setting.fallbackText === '' ? 'No default.' : `Default: \`${setting.fallbackText}\`.`;
  // A help text has `code` in it, and no other mark.
  const text = `${setting.help} Allowed: ${plain(allowedText(setting))}. ${fallback}`;
  return { term: `**${setting.key}**`, blocks: [{ kind: 'paragraph', text }] };
}
