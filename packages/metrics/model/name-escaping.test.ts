import assert from 'node:assert/strict';
import { test } from 'node:test';
import { escapeName } from './name-escaping.ts';

test('names in every scheme', () => {
  const cases = [
    ['http.server.duration', 'http_server_duration', 'http_dot_server_dot_duration', 'U__http_2e_server_2e_duration'],
    ['a_b', 'a_b', 'a_b', 'a_b'],
    ['a_b.c', 'a_b_c', 'a__b_dot_c', 'U__a__b_2e_c'],
    ['1up', '_up', '__up', 'U___31_up'],
    ['größe 😀', 'gr__e__', 'gr____e____', 'U__gr_f6__df_e_20__1f600_'],
    ['', '', '', ''],
  ] as const;
  for (const [name, underscores, dots, values] of cases) {
    assert.equal(escapeName(name, 'allow-utf-8'), name);
    assert.equal(escapeName(name, 'underscores'), underscores);
    assert.equal(escapeName(name, 'dots'), dots);
    assert.equal(escapeName(name, 'values'), values);
  }
});
