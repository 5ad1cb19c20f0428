/// Options and commands of Spin that this version does not have yet. They are refused by name: a silent difference
/// or an "unknown option" would leave the user guessing.
enum NotProvided {
    private static let options: [String: Set<String>] = [
        "up": [
            "--experimental-wasm-feature",
            "--help-args-only", "--launch-metadata-only", "--precompose-only", "--precompose-component-id",
            "--experimental-wasi-otel",
        ]
    ]

    private static let commands: Set<String> = [
        "new", "n", "add", "a", "watch", "w", "deploy", "d", "login", "plugins", "plugin",
        "templates", "template", "targets", "environments", "doctor", "trigger",
    ]

    /// What to tell when arguments could not be parsed and the reason is one of these; nil otherwise.
    static func message(for arguments: [String]) -> String? {
        guard let command = arguments.first(where: { !$0.hasPrefix("-") }) else { return nil }
        if Self.commands.contains(command), arguments.first == command {
            return "this version does not provide `swirl \(command)` yet"
        }
        // `build --up` takes them as well.
        let name = ["u": "up", "b": "up", "build": "up"][command] ?? command
        let refused = Self.options[name] ?? []
        for argument in arguments.prefix(while: { $0 != "--" }) {
            let option = argument.split(separator: "=", maxSplits: 1).first.map(String.init) ?? argument
            if refused.contains(option) { return "this version does not provide \(option) yet" }
        }
        return nil
    }

    /// What to tell of variables that would make Spin send telemetry; nil without any.
    static func warning(of environment: [String: String]) -> String? {
        guard environment["OTEL_SDK_DISABLED", default: ""].isEmpty else { return nil }
        let names = environment.keys.filter { name in
            guard environment[name]?.isEmpty == false else { return false }
            return name.hasPrefix("SPIN_OTEL_") || name.hasPrefix("OTEL_EXPORTER_OTLP_") && name.hasSuffix("ENDPOINT")
        }
        guard !names.isEmpty else { return nil }
        return "this version does not send telemetry yet: nothing comes of \(names.sorted().joined(separator: ", "))"
    }
}
