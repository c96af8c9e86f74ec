// Merges the changes of two people to one text. A change is a splice: `remove` characters at `at` are replaced by
// `insert`. Pure functions.

// Returns true if a cut at `place` would split a character that takes two units in JavaScript, such as 😀.
const isWithinCharacter = (text, place) => text.codePointAt(place - 1) > 0xffff;

// Returns the splice that turns `before` into `after`; null if they are the same.
export function spliceBetween(before, after) {
  if (before === after) return null;
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before[start] === after[start]) ++start;
  if (isWithinCharacter(before, start) || isWithinCharacter(after, start)) --start;
  let end = 0;
  while (end < shorter - start && before.at(-1 - end) === after.at(-1 - end)) ++end;
  if (isWithinCharacter(before, before.length - end) || isWithinCharacter(after, after.length - end)) --end;
  return { at: start, remove: before.length - start - end, insert: after.slice(start, after.length - end) };
}

export function apply(text, splice) {
  return splice ? text.slice(0, splice.at) + splice.insert + text.slice(splice.at + splice.remove) : text;
}

// Returns where a place in a text is after a splice. A place inside the removed part moves to the end of the inserted
// text.
export function movePlace(place, splice) {
  if (!splice || place <= splice.at) return place;
  const end = splice.at + splice.remove;
  return place >= end ? place + splice.insert.length - splice.remove : splice.at + splice.insert.length;
}

// Returns `mine` changed so that it can be applied after `theirs`. If both insert at the same place, theirs comes
// first. Text that both have inserted at the same place counts only once: theirs may be my own edit, whose
// acknowledgment was lost.
export function rebase(mine, theirs) {
  if (!mine || !theirs) return mine;
  if (mine.at === theirs.at && mine.remove === theirs.remove) {
    if (mine.insert.startsWith(theirs.insert)) {
      const insert = mine.insert.slice(theirs.insert.length);
      return insert === '' ? null : { at: mine.at + theirs.insert.length, remove: 0, insert };
    }
  }
  const mineEnd = mine.at + mine.remove;
  const theirsEnd = theirs.at + theirs.remove;
  const shift = theirs.insert.length - theirs.remove;
  if (mine.at >= theirsEnd) return { ...mine, at: mine.at + shift };
  if (mineEnd <= theirs.at) return mine;
  // The two overlap. What is gone already is not removed again. What they inserted stays, unless it is in the middle of
  // what is removed here.
  if (mine.at < theirs.at && mineEnd > theirsEnd) return { ...mine, remove: mine.remove + shift };
  if (mine.at < theirs.at) return { ...mine, remove: theirs.at - mine.at };
  return { at: theirs.at + theirs.insert.length, remove: Math.max(0, mineEnd - theirsEnd), insert: mine.insert };
}
