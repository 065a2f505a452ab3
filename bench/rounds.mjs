/** The middle of the values; of an even number of them, the mean of the two in the middle. */
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

/**
 * Runs every contender once in each round, in another order each time, so that whatever else happens on the machine, and
 * whatever a contender leaves to the next one (cold caches, garbage), hits all of them alike.
 *
 * @param run What is measured. Its results are collected in the order of the rounds.
 * @returns by contender's name, the results.
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
