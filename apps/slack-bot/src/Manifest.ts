import type { SlackManifest } from "./SlackWeb.ts"

/** Where Slack sends requests: the admin puts the bot's own host in. */
export const requestUrl = "https://keysweep.example.com/slack/events"

/**
 * What an admin gives to Slack; `manifest.json` is this, and a test compares them.
 *
 * `commands`: the slash command. `chat:write`: the message of a plan. `files:write` and `im:write`: what is too long for a
 * message, as a file to whoever asked. `usergroups:read`: who is in a user group that the settings name. Nothing reads the
 * channel. `message_menu_options_url`: the keys to choose from in the form of `/keysweep` alone.
 */
export const manifest: SlackManifest = manifestFor(requestUrl)

/** The same for Socket Mode, `manifest.socket.json`: Slack needs no address. */
export const socketManifest: SlackManifest = manifestFor(null)

function manifestFor(url: string | null): SlackManifest {
  return {
    display_information: {
      name: "Keysweep",
      description: "Takes Electron Hub proxy keys out of service safely",
      background_color: "#1f2937"
    },
    features: {
      bot_user: { display_name: "Keysweep", always_online: true },
      slash_commands: [
        {
          command: "/keysweep",
          ...(url === null ? {} : { url }),
          description: "Look at, disable or delete proxy keys",
          usage_hint: "(alone: a form) | list | show | audit | disable … | delete … | panic | help",
          should_escape: false
        }
      ]
    },
    oauth_config: { scopes: { bot: ["commands", "chat:write", "files:write", "im:write", "usergroups:read"] } },
    settings: {
      interactivity: {
        is_enabled: true,
        ...(url === null ? {} : { request_url: url, message_menu_options_url: url })
      },
      org_deploy_enabled: false,
      socket_mode_enabled: url === null,
      token_rotation_enabled: false
    }
  }
}
