/// One command of a script, with the byte where it starts.
package struct Command: Sendable {
    package indirect enum Kind: Sendable {
        /// `(module …)`, `(component …)`: define and instantiate.
        case module(ModuleText)
        /// `(module definition …)`, `(component definition …)`.
        case definition(ModuleText)
        /// `(module instance $i $m)`, `(component instance $i $c)`.
        case instance(ModuleText.Kind, name: String?, of: String?)
        case register(String, instance: String?)
        case action(Action)
        case assertReturn(Action, [Form])
        case assertTrap(Action, message: String)
        /// `(assert_trap (module …) "…")`
        case assertInstantiationTrap(ModuleText, message: String)
        case assertExhaustion(Action, message: String)
        case assertException(Action)
        case assertInvalid(ModuleText, message: String)
        case assertMalformed(ModuleText, message: String)
        case assertUnlinkable(ModuleText, message: String)
        case thread(name: String, shared: [String], [Command])
        case wait(String)
        /// A command that is known, but not run.
        case skipped(String)
    }

    package let kind: Kind
    package let offset: Int
}

/// Something that gives values.
package struct Action: Sendable {
    package enum Kind: Sendable {
        case invoke([Form])
        /// The value of a core global, or one that a component exports.
        case get
    }

    package let kind: Kind
    /// The instance; `nil` is the latest.
    package let instance: String?
    package let field: String
}
