// Two people have changed one text: what each did is one splice, `remove` characters at `at` replaced by `insert`.

// Whether a cut there would take a character apart that is two in JavaScript, as 😀 is.
const isWithinCharacter = (text, place) => text.codePointAt(place - 1) > 0xffff;

// The splice that makes `after` of `before`; null when they are the same.
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

// Where a place in a text is after a splice. A place in what was removed goes to the end of what replaced it.
export function movePlace(place, splice) {
  if (!splice || place <= splice.at) return place;
  const end = splice.at + splice.remove;
  return place >= end ? place + splice.insert.length - splice.remove : splice.at + splice.insert.length;
}

// `mine` as it has to be after `theirs` was made first. Where both insert at one place, theirs comes first; what both
// have inserted there alike counts once, for it may well be mine, whose acknowledgement was lost.
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
  // They overlap. What is gone already is not removed again; what they wrote stays unless it is in the midst of what
  // was removed here.
  if (mine.at < theirs.at && mineEnd > theirsEnd) return { ...mine, remove: mine.remove + shift };
  if (mine.at < theirs.at) return { ...mine, remove: theirs.at - mine.at };
  return { at: theirs.at + theirs.insert.length, remove: Math.max(0, mineEnd - theirsEnd), insert: mine.insert };
}
