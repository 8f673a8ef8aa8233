import { header, markup, message, type Message, plain } from "../Blocks.ts"
import { elsewhereText, unknownVerb, type Verb, verbs } from "../Verbs.ts"

/** For everybody, also for those whom the settings do not name. */
export const helpMessage = (known: boolean, topic: string | null = null): Message => {
  if (topic !== null) return topicMessage(topic)
  return message("What /keysweep can do.", [
    header("Keysweep"),
    ...(["Look", "Act", "Decide"] as const).map((group) =>
      markup(
        `*${group}*\n${verbs
          .filter((verb) => verb.group === group)
          .map(line)
          .join("\n")}`
      )
    ),
    markup(whichText),
    plain(
      known
        ? "An action begins with a plan, which changes nothing. You confirm it; where the settings say so, another person approves it; then it runs, once, and its message becomes the receipt. /keysweep help delete says more about one word; /keysweep alone opens a form for all of it."
        : "You are not among the people that the settings name, so I do nothing else for you."
    )
  ])
}

const topicMessage = (topic: string): Message => {
  const verb = verbs.find(({ name }) => name === topic)
  if (verb === undefined) return message("Help.", [plain(elsewhereText(topic) ?? unknownVerb(topic))])
  return message(`About /keysweep ${verb.name}.`, [
    header(`/keysweep ${verb.name}`),
    markup(`${line(verb)}\nFor example: \`/keysweep ${verb.example}\``),
    ...(verb.takes.startsWith("WHICH") || verb.takes.startsWith("ACTION") ? [markup(whichText)] : [])
  ])
}

const line = ({ about, name, takes }: Verb): string =>
  `\`/keysweep ${name}${takes === "" ? "" : ` ${takes}`}\` · ${about}`

const whichText =
  '*WHICH*: `key:kf_…` (an id, its beginning, or a whole name), `name:ci-*`, `owner:…`, `expired`, `disabled`, `unused`, `idle:30d`, or `all`; several kinds narrow one another. Why: `reason:"left the team"`. `override`, with a reason, lifts the checks that the settings allow to be lifted.'
