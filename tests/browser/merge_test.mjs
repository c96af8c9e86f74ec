// How the page of the edit text example merges the edits of two people.
import assert from 'node:assert/strict';
import test from 'node:test';
import { apply, movePlace, rebase, spliceBetween } from '../../examples/edit-text/page/merge.js';

// Returns the merged text when `base` was changed to `theirs` by the other person and to `mine` by this one.
const merge = (base, mine, theirs) => apply(theirs, rebase(spliceBetween(base, mine), spliceBetween(base, theirs)));

test('what is done in different places is all there', () => {
  assert.equal(merge('one two three', 'ONE two three', 'one two THREE'), 'ONE two THREE');
  assert.equal(merge('one two three', 'one two THREE', 'ONE and two three'), 'ONE and two THREE');
  assert.equal(merge('one two', 'two', 'one two three'), 'two three');
});

test('insertions at one place are both there, the other first', () => {
  assert.equal(merge('ab', 'aXb', 'aYb'), 'aYXb');
  assert.equal(merge('', 'mine', 'theirs'), 'theirsmine');
});

test('what both did alike counts once', () => {
  assert.equal(merge('text', 'text!', 'text!'), 'text!');
  assert.equal(merge('text', 'text, and more', 'text, and'), 'text, and more');
  assert.equal(merge('some text', 'some', 'some'), 'some');
});

test('what is removed on both sides is gone, and what is written stays', () => {
  assert.equal(merge('abcdef', 'abXf', 'aYef'), 'aYXf');
  assert.equal(merge('abcdef', 'aXef', 'abYf'), 'aXYf');
  assert.equal(merge('abcdef', 'X', 'abYdef'), 'X');
  assert.equal(merge('abcdef', 'abYdef', 'X'), 'XY');
});

test('one side alone is what that side did', () => {
  for (const [base, text] of [['a', 'b'], ['', 'new'], ['old', ''], ['aaa', 'aa'], ['same', 'same']]) {
    assert.equal(merge(base, text, base), text);
    assert.equal(merge(base, base, text), text);
  }
});

test('no character of two code units is taken apart', () => {
  const splice = spliceBetween('a😀b', 'a😁b');
  assert.deepEqual(splice, { at: 1, remove: 2, insert: '😁' });
  assert.deepEqual(spliceBetween('😀', '😀😀').insert, '😀');
  // these characters differ in the first UTF-16 unit and share the second
  assert.equal(spliceBetween('x🄀', 'x𝄀').insert, '𝄀');
});

test('a place moves with its text', () => {
  const splice = { at: 2, remove: 3, insert: 'XY' };
  assert.deepEqual([0, 2, 3, 5, 9].map((place) => movePlace(place, splice)), [0, 2, 4, 4, 8]);
});

test('merging in either order leaves no place out of bounds', () => {
  let seed = 7;
  const random = (count) => (seed = (Math.imul(seed, 48_271) >>> 0) % 2_147_483_647) % count;
  const text = () => Array.from({ length: random(8) }, () => 'ab😀'[random(3)]).join('').toWellFormed?.() ?? '';
  for (let n = 0; n < 20_000; ++n) {
    const [base, mine, theirs] = [text(), text(), text()];
    const splice = rebase(spliceBetween(base, mine), spliceBetween(base, theirs));
    if (splice) assert.ok(splice.at >= 0 && splice.remove >= 0 && splice.at + splice.remove <= theirs.length);
  }
});
