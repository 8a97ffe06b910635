import { randomInt } from "node:crypto";
import { map, num, text } from "../bridge/fields.ts";
import { randomResource } from "./resource.ts";

const ADVERBS =
  `boldly briefly calmly cleanly deeply fairly firmly fondly freely gently gladly hardly highly justly
  kindly largely lightly loosely mainly mostly nearly neatly openly partly plainly quickly quietly rarely readily
  sharply simply slowly smoothly softly solely swiftly truly vastly warmly widely wisely`.split(/\s+/);
const ADJECTIVES =
  `able agile amber ample apt azure bold brave bright brisk calm clear clever coral cosmic crisp
  eager early easy exact fair fast fine firm fresh gentle glad golden grand great happy honest humble ivory jolly
  keen kind large light lively lucid lunar mellow merry mild mint modest neat noble olive patient plain polite
  prime proud quick quiet rapid rare ready rich robust royal rustic sharp shiny silent silver simple smart smooth
  snowy solar solid steady still sunny swift tidy tough true upbeat valid vivid warm wise witty young zesty`.split(
    /\s+/,
  );
const ANIMALS = `alpaca ant badger bat bear beaver bee bison bobcat buck camel carp cat cheetah cobra cod colt
  condor coyote crab crane cricket crow deer dingo dog dolphin dove duck eagle eel elk emu falcon ferret finch fish
  fox frog gecko gibbon goat goose gull hare hawk hen heron herring horse hound ibex jackal jay kite kitten koala
  lamb lark lemur lion lizard llama lobster lynx magpie marmot mole moose moth mouse mule newt octopus orca oriole
  osprey otter owl ox oyster panda panther parrot pelican penguin perch pheasant pig pigeon pony puma quail rabbit
  raccoon ram raven robin salmon seal shark sheep shrew shrimp skunk sloth snail sparrow spider squid stag stork
  swan tapir tiger toad trout tuna turkey turtle urchin viper vulture walrus wasp weasel whale wolf wombat wren yak
  zebra`.split(/\s+/);

const pick = (words: string[]): string => words[randomInt(words.length)]!;

/** `random.RandomPet`: adverbs, an adjective and an animal, `length` words in all. The word lists are our own. */
export const randomPet = randomResource({
  type: "random:index/randomPet:RandomPet",
  fields: {
    keepers: map({ force: true }),
    length: num({ force: true, default: 2, expected: "1 or more", valid: (n) => Number(n) >= 1 }),
    prefix: text({ force: true }),
    separator: text({ force: true, default: "-" }),
  },
  generated: [],
  draw(inputs) {
    const length = Number(inputs["length"]);
    const adverbs = Array.from({ length: Math.max(0, length - 2) }, () => pick(ADVERBS));
    const words = [...adverbs, ...(length > 1 ? [pick(ADJECTIVES)] : []), pick(ANIMALS)];
    const prefix = typeof inputs["prefix"] === "string" && inputs["prefix"] !== "" ? [inputs["prefix"]] : [];
    return { id: [...prefix, ...words].join(String(inputs["separator"])), values: {} };
  },
});
