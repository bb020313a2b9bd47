import { describe, expect, it } from 'vitest';
import { mayDo, PERMISSIONS, type Permission, shellActor } from '../../src/core/roles.ts';
import { nameProblem, ROLES, type Role } from '../../src/core/user.ts';

const actor = (role: Role) => ({ name: 'somebody', role });
const HELPDESK: readonly Permission[] = ['unlock', 'one-time-code', 'set-password', 'show-qr'];

describe('roles', () => {
  it('lets an administrator do everything, to everybody', () => {
    for (const permission of PERMISSIONS) {
      for (const target of ROLES) expect(mayDo(actor('admin'), permission, target)).toBe(true);
    }
  });

  it('lets a helpdesk help users of role user alone, never one who has a role', () => {
    for (const permission of HELPDESK) {
      expect(mayDo(actor('helpdesk'), permission, 'user')).toBe(true);
      for (const target of ['helpdesk', 'auditor', 'admin'] as const) {
        expect(mayDo(actor('helpdesk'), permission, target)).toBe(false);
      }
      expect(mayDo(actor('helpdesk'), permission, undefined)).toBe(false);
    }
  });

  it('keeps a helpdesk from everything else but reading', () => {
    for (const permission of PERMISSIONS.filter((name) => !HELPDESK.includes(name))) {
      expect(mayDo(actor('helpdesk'), permission, 'user')).toBe(permission === 'read');
    }
  });

  it('lets an auditor read and a user nothing', () => {
    for (const permission of PERMISSIONS) {
      expect(mayDo(actor('auditor'), permission, 'user')).toBe(permission === 'read');
      expect(mayDo(actor('user'), permission, 'user')).toBe(false);
    }
  });

  it('names the shell so that no user can have its name', () => {
    expect(nameProblem(shellActor('root').name)).toBe('colon');
  });
});
