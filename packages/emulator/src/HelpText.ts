import { optionName, plainOptions } from "./CommandLine.ts"
import { switchHelp } from "./SwitchHelp.ts"

/** The help of the command line: every switch with the question that it answers. */
export const helpText = (command: string): string => {
  const groups = [...new Set(Object.values(switchHelp).map(({ group }) => group))]
  const plain = Object.entries(plainOptions).map(([name, { takes, help }]) => entry(name, takes, help))
  const switches = groups.map((group) => {
    const entries = Object.entries(switchHelp).filter(([, it]) => it.group === group)
    return `${group}\n${entries.map(([name, it]) => entry(optionName(name), it.takes, it.question)).join("")}`
  })
  return [
    `${command} [options]`,
    "",
    "The Electron Hub proxy-key API on loopback, with its rate limit, money and faults.",
    "No request leaves this machine. Where the API's documents leave a question open, a switch answers it;",
    "the value named first is the default.",
    "",
    `Options\n${plain.join("")}`,
    ...switches
  ].join("\n")
}

const entry = (name: string, takes: string, text: string): string =>
  `  --${name}${takes === "" ? "" : ` ${takes}`}\n${wrap(text)}`

const wrap = (text: string): string => {
  const lines: Array<string> = [""]
  for (const word of text.split(" ")) {
    const last = lines.length - 1
    const line = lines[last] ?? ""
    if (line.length + word.length > 96 && line !== "") lines.push(word)
    else lines[last] = line === "" ? word : `${line} ${word}`
  }
  return lines.map((line) => `      ${line}\n`).join("")
}
