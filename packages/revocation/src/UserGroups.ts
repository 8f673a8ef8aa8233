import type { Person, SettingsContent } from "./SettingsContent.ts"

/**
 * Who is in the Slack user groups that the settings name, as far as a surface could find out; `unknown` says why not.
 * Nobody counts as a member of a group that is unknown, or that a surface has not asked for.
 */
export type UserGroups = ReadonlyMap<string, { readonly members: ReadonlySet<string> } | { readonly unknown: string }>

type Rules = Pick<SettingsContent, "people"> & { readonly groups?: UserGroups }

/** The groups whose members have to be known. */
export const groupsIn = ({ people }: Rules): ReadonlyArray<string> => [
  ...new Set(people.flatMap(({ slackGroup }) => slackGroup ?? []))
]

/** A Slack user as a person by their group. Each member is one: two of them are two people. */
export const memberOf = ({ groups, people }: Rules, user: string): Person | null => {
  for (const { name, slackGroup } of people) {
    const group = slackGroup === undefined ? undefined : groups?.get(slackGroup)
    if (group !== undefined && "members" in group && group.members.has(user))
      return { name: `${user} of ${name}`, slack: user, slackGroup }
  }
  return null
}

/** Why somebody may be a member and does not count; nothing where every group is known. */
export const groupDoubt = ({ groups, people }: Rules): string | null => {
  const unknown = people.flatMap(({ name, slackGroup }) => {
    if (slackGroup === undefined) return []
    const group = groups?.get(slackGroup)
    if (group === undefined) return [`${name} (only the Slack bot asks for it)`]
    return "unknown" in group ? [`${name} (${group.unknown})`] : []
  })
  return unknown.length === 0
    ? null
    : `The members of ${unknown.join(", ")} could not be read, so nobody counts as one of them now.`
}
