const STEPS = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000,
  900_000, 1_800_000, 3_600_000, 7_200_000, 14_400_000, 43_200_000, 86_400_000,
];

const seconds = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const minutes = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });

/** Round times with room for their labels. */
export function ticks(from: number, to: number, width: number): { at: number; label: string }[] {
  const least = ((to - from) * 84) / width;
  const step = STEPS.find((each) => each >= least) ?? 86_400_000;
  const result = [];
  for (let at = Math.ceil(from / step) * step; at <= to; at += step) {
    const fraction = step < 1_000 ? `.${String(Math.round(at % 1_000)).padStart(3, '0')}` : '';
    result.push({ at, label: (step < 60_000 ? seconds : minutes).format(at) + fraction });
  }
  return result;
}
