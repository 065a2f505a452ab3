/** The median: for an even number of values, the mean of the middle two. */
export function median(values) {
  return quantile(values, 0.5);
}

export function quantile(values, share) {
  const sorted = values.toSorted((a, b) => a - b);
  const place = (sorted.length - 1) * share;
  const below = Math.floor(place);
  const above = Math.ceil(place);
  return sorted[below] + (sorted[above] - sorted[below]) * (place - below);
}

/** The median of the ratios within the rounds, which other activity on the machine changes least. */
export function ratioOf(values, references) {
  return median(values.map((value, round) => value / references[round]));
}

/**
 * Runs every contender once per round, in a different order each time, so that other activity on the machine, and
 * whatever one contender leaves behind for the next (cold caches, garbage), affects all of them equally.
 *
 * @param run The function to measure. Its results are collected in the order of the rounds.
 * @returns the results by contender name.
 */
export async function interleaved(contenders, rounds, run) {
  const results = new Map(contenders.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const contender of shuffled(contenders)) results.get(contender.name).push(await run(contender, round));
  }
  return results;
}

function shuffled(values) {
  return values
    .map((value) => ({ value, place: Math.random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ value }) => value);
}
