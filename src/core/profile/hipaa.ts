/** HIPAA Security Rule, 45 CFR 164.312 (technical safeguards), as far as settings, users and Gatehouse's own doing answer it. PURE. */
import {
  advice,
  counted,
  DORMANT_DAYS,
  databaseLineProblem,
  type Facts,
  type Finding,
  met,
  named,
  oneFactorProblem,
  peopleOf,
  sitesDuty,
} from './finding.ts';

export function hipaaFindings(facts: Facts): readonly Finding[] {
  const { login, audit } = facts.config;
  return [
    access(facts),
    met(
      '164.312(a)(2)(i)',
      'Each user has one name, and audit records of a user have the id, which no other user ever gets.',
    ),
    sitesDuty('164.312(a)(2)(i)', 'forbid shared accounts. Gatehouse cannot tell how many people know a password.'),
    emergency(facts),
    sitesDuty(
      '164.312(a)(2)(iii)',
      `end idle sessions of the program behind the gate. A login ends after ${login.timeoutSeconds} seconds (Login.TimeoutSeconds), and the console locks after 10 minutes.`,
    ),
    sitesDuty('164.312(a)(2)(iv)', 'encrypt health information where it is stored. Gatehouse holds none.'),
    sitesDuty(
      '164.312(b)',
      `review the audit trail (gatehouse audit list) and keep it long enough: Audit.KeepDays is ${audit.keepDays}. Gatehouse records every login and change, and deletes nothing by itself.`,
    ),
    sitesDuty(
      '164.312(c)(1)',
      'protect health information itself. Changes to the audit trail show: gatehouse audit verify',
    ),
    identity(facts),
    databaseLineProblem('164.312(e)(1)', facts) ??
      sitesDuty('164.312(e)(1)', 'encrypt the line between terminal and host (ssh, not telnet).'),
  ];
}

/** The rule has no number of days; an account that nobody uses is one to ask about. */
function access(facts: Facts): Finding {
  const { dormant } = peopleOf(facts);
  const duty = 'decide who gets an account, and disable those of people who leave: gatehouse user disable NAME';
  if (dormant.length === 0) return sitesDuty('164.312(a)(1)', duty);
  const who = counted(dormant, 'is enabled and has', 'are enabled and have');
  const text = `${who} not logged in for ${DORMANT_DAYS} days: ${named(dormant)}.`;
  return advice('164.312(a)(1)', text, ['user disable NAME']);
}

function emergency(facts: Facts): Finding {
  const admins = peopleOf(facts).enabled.filter(({ role }) => role === 'admin');
  if (admins.length < 2) {
    const text = 'There is only one administrator: nobody else can give a one-time code in an emergency.';
    return advice('164.312(a)(2)(ii)', text, ['user add NAME --role admin']);
  }
  return sitesDuty(
    '164.312(a)(2)(ii)',
    'write down who gives one-time codes in an emergency (gatehouse 2fa one-time NAME), and how to reach them.',
  );
}

/** The rule asks that identity be verified, and names no number of factors. */
function identity(facts: Facts): Finding {
  const problem = oneFactorProblem('164.312(d)', facts, facts.users);
  if (problem !== undefined) {
    return {
      ...problem,
      level: 'warn',
      text: `${problem.text} (The rule requires no second factor; the risk analysis decides.)`,
    };
  }
  const { hostSocket } = facts.config.server;
  return hostSocket === ''
    ? met('164.312(d)', 'All users prove who they are with a password and a one-time code.')
    : sitesDuty('164.312(d)', `programs at ${hostSocket} check the password themselves; look at how they do.`);
}
