/** What PeeBot says if the config has no texts of its own. */
export const defaultTexts: readonly string[] = [
  "Somewhere above you, somebody feels better. The urine tank of the space station is at {level} %.",
  "Nature called the space station, and somebody answered. Tank: {level} %.",
  "Even at 28,000 km/h, sometimes you have to stop for a moment. Tank: {level} %, {rise} more than before.",
  "Today's tank is tomorrow's coffee. {level} % and rising.",
  "A small relief for an astronaut, a giant cup of tea for the crew of next week. Tank: {level} %.",
  "Hydration report from orbit: somebody is doing very well. Tank: {level} % (+{rise}).",
  "The bathroom with the best view in the solar system has just been used. Tank: {level} %.",
  "No gravity, no problem. Tank: {level} %.",
  "The space station's recycler has just received new material: {rise} %. It does not judge, and neither do we.",
  "Breaking news from 400 km above: everything went as it should. Tank: {level} %.",
  "Space travel is glamorous, most of the time. Tank: {level} %.",
  "One more contribution to the most recycled water in human history. Tank: {level} %.",
];
