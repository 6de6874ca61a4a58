import assert from 'node:assert/strict';
import { test } from 'node:test';
import { statementOf } from './statement.ts';

const cases: readonly (readonly [sql: string, operation: string, collection: string | undefined, summary: string])[] = [
  ['select * from "orders" where "id" = ?', 'SELECT', 'orders', 'SELECT orders'],
  ['insert into "orders" ("id") values ($1) on conflict do update set x = 1', 'INSERT', 'orders', 'INSERT orders'],
  ['update "public"."orders" set "status" = $1', 'UPDATE', 'public.orders', 'UPDATE public.orders'],
  ['delete from `orders`', 'DELETE', 'orders', 'DELETE orders'],
  ['select 1 from "a" inner join "b" on true', 'SELECT', undefined, 'SELECT a b'],
  ['with late as (select * from orders) select * from customers', 'SELECT', undefined, 'SELECT orders customers'],
  ['create table if not exists "menu" ("id" text)', 'CREATE', 'menu', 'CREATE menu'],
  ['-- comment\nselect 1', 'SELECT', undefined, 'SELECT'],
  ['select * from events for update skip locked', 'SELECT', 'events', 'SELECT events'],
  ['COMMIT', 'COMMIT', undefined, 'COMMIT'],
  ['', 'SQL', undefined, 'SQL'],
];

for (const [sql, operation, collection, summary] of cases) {
  test(`${sql || 'an empty text'} is ${summary}`, () => {
    const statement = statementOf(sql);
    assert.deepEqual([statement.operation, statement.collection, statement.summary], [operation, collection, summary]);
  });
}

test('literals do not stand in the text', () => {
  assert.equal(
    statementOf("select * from c where phone = '555''1' and x = 'y").text,
    'select * from c where phone = ? and x = ?',
  );
});

test('the same text is the same statement', () => {
  assert.equal(statementOf('select 7 from t'), statementOf('select 7 from t'));
});
