import assert from 'node:assert/strict';
import { test } from 'node:test';
import { markdown } from './markdown.ts';

const show = (text: string) =>
  markdown(text, (href) => (href.endsWith('.md') ? `/guide/${href.slice(0, -3)}` : undefined)).text;

test('blocks: headings, paragraphs over lines, lists with continuations, code as it is', () => {
  assert.equal(
    show('# Slow oven\n\nOne\ntwo.\n\n## Next'),
    '<h1 class="page-title">Slow oven</h1><p>One two.</p><h2>Next</h2>',
  );
  assert.equal(
    show('Look:\n- one\n  more\n- two\n\nEnd'),
    '<p>Look:</p><ul><li>one more</li><li>two</li></ul><p>End</p>',
  );
  assert.equal(show('```sh\n# <b> *x*\n```\nrest'), '<pre tabindex="0"><code># &lt;b&gt; *x*</code></pre><p>rest</p>');
  assert.equal(show('```\nnever ended'), '<pre tabindex="0"><code>never ended</code></pre>');
});

test('inside of a line: code, emphasis, links that lead somewhere, and words of those that do not', () => {
  assert.equal(show('`a*b*` **b** *c*'), '<p><code>a*b*</code> <b>b</b> <i>c</i></p>');
  assert.equal(
    show('[oven](slow-oven.md), [far](javascript:alert)'),
    '<p><a href="/guide/slow-oven">oven</a>, far</p>',
  );
});

test('a text cannot become HTML by itself', () => {
  assert.equal(show('<script>x</script> & "q"'), '<p>&lt;script&gt;x&lt;/script&gt; &amp; &quot;q&quot;</p>');
});
