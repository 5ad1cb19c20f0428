import ComponentModel
package import WasmEngine

/// Runs one script: its commands in order, each with its verdict.
package final class ScriptRunner {
    /// How long a call may compute.
    static let deadlineTicks: UInt64 = 10_000
    /// The same for tasks, in nanoseconds.
    static let processorTime: Int64 = 20_000_000_000

    private enum Definition {
        case core(Module)
        case component(ComponentWorld.Definition)
    }

    private enum Instance {
        case core(CoreWorld.Running)
        case component(ComponentWorld.Running)
        /// Made by a line that failed.
        case failed(line: Int)
    }

    private let source: SourceFile
    private let engine: Engine
    private let core: CoreWorld
    private let components: ComponentWorld
    private var definitions: [String: Result<Definition, RunFailure>] = [:]
    private var latestDefinition: Result<Definition, RunFailure>?
    private var instances: [String: Instance] = [:]
    private var latest: Instance?

    private init(_ source: SourceFile, engine: Engine, merges: Bool) throws {
        self.source = source
        self.engine = engine
        self.core = try CoreWorld(engine: engine)
        self.components = ComponentWorld(engine: engine, merges: merges)
    }

    /// Runs a script. Never throws: a script that cannot be read is a report of one failure.
    ///
    /// - Parameter merges: merge the core modules of components, as for an application.
    package static func run(_ source: SourceFile, engine: Engine, merges: Bool = false) -> ScriptReport {
        var report = ScriptReport(name: source.name)
        do {
            let commands = try ScriptParser.parse(source)
            let runner = try ScriptRunner(source, engine: engine, merges: merges)
            for command in commands { runner.run(command, into: &report) }
        } catch let error as TextError {
            report.entries.append(
                .init(
                    line: source.line(of: error.offset),
                    verdict: .failed(expected: "a script", got: error.message)))
        } catch {
            report.entries.append(.init(line: 1, verdict: .failed(expected: "a script", got: "\(error)")))
        }
        return report
    }

    private func run(_ command: Command, into report: inout ScriptReport) {
        let line = self.source.line(of: command.offset)
        report.entries.append(.init(line: line, verdict: self.verdict(command, line: line)))
    }

    // MARK: Commands

    private func verdict(_ command: Command, line: Int) -> Verdict {
        switch command.kind {
        case .module(let text):
            return self.attempt("it instantiates") { try self.instantiate(text, line: line) }
        case .definition(let text):
            let result = self.define(text)
            self.latestDefinition = result
            if let name = text.name { self.definitions[name] = result }
            return self.attempt("it is accepted") { _ = try result.get() }
        case .instance(_, let name, let definition):
            return self.attempt("it instantiates") {
                try self.keep(name: name, line: line) {
                    guard let found = definition.map({ self.definitions[$0] }) ?? self.latestDefinition else {
                        throw RunFailure.script("there is no definition \(definition ?? "")")
                    }
                    return try self.instantiate(found.get(), name: name)
                }
            }
        case .register(let name, let instance):
            return self.attempt("it is registered") { try self.register(name, instance) }
        case .action(let action):
            return self.attempt("it returns") { _ = try self.perform(action, expected: nil) }
        case .assertReturn(let action, let expected):
            return self.attempt("it returns") {
                if let difference = try self.perform(action, expected: expected) { throw difference }
            }
        case .assertTrap(let action, let message):
            return self.refusal(message, "a trap", { self.isTrap($0, message) }) {
                _ = try self.perform(action, expected: nil)
            }
        case .assertInstantiationTrap(let text, let message):
            return self.refusal(message, "a trap", { self.isTrap($0, message) }) {
                try self.instantiate(text, line: line)
            }
        case .assertExhaustion(let action, let message):
            return self.refusal(message, "exhaustion of the stack") {
                if case .exhaustion = $0 { true } else { false }
            } _: {
                _ = try self.perform(action, expected: nil)
            }
        case .assertException(let action):
            return self.refusal("", "an exception") {
                if case .exception = $0 { true } else { false }
            } _: {
                _ = try self.perform(action, expected: nil)
            }
        case .assertInvalid(let text, let message), .assertMalformed(let text, let message):
            return self.refusal(message, "it is refused", self.isRejection) { _ = try self.define(text).get() }
        case .assertUnlinkable(let text, let message):
            return self.refusal(message, "it does not link") {
                switch $0 {
                case .link: true
                // Older scripts say so of a core module whose segments do not fit.
                case .trap: text.kind == .core
                default: false
                }
            } _: {
                let definition = try self.define(text).get()
                _ = try self.instantiate(definition, name: text.name)
                if case .component(let component) = definition { try self.components.checkImports(component) }
            }
        case .thread, .wait: return .skipped("threads share memories, which Swirl's engine does not have")
        case .skipped(let reason): return .skipped(reason)
        }
    }

    private func isTrap(_ failure: RunFailure, _ message: String) -> Bool {
        switch failure {
        case .trap(let got), .exhaustion(let got), .exception(let got): TrapWords.match(message, got)
        default: false
        }
    }

    private func isRejection(_ failure: RunFailure) -> Bool {
        switch failure {
        case .text, .invalid: true
        default: false
        }
    }

    /// Passes when `body` succeeds.
    private func attempt(_ expected: String, _ body: () throws -> Void) -> Verdict {
        do {
            try body()
            return .passed()
        } catch let difference as Difference {
            return .failed(expected: difference.expected, got: difference.got)
        } catch {
            let failure = RunFailure(error)
            switch failure {
            case .dependency, .runner: return .skipped(failure.description)
            default: return .failed(expected: expected, got: failure.description)
            }
        }
    }

    /// Passes when `body` fails in the right way.
    private func refusal(
        _ message: String, _ expected: String, _ isRight: (RunFailure) -> Bool, _ body: () throws -> Void
    ) -> Verdict {
        let wanted = message.isEmpty ? expected : "\(expected) (\"\(message)\")"
        do {
            try body()
            return .failed(expected: wanted, got: "success")
        } catch {
            let failure = RunFailure(error)
            if isRight(failure) { return .passed(expected: message, got: failure.description) }
            switch failure {
            case .dependency, .runner, .unsupported: return .skipped(failure.description)
            default: return .failed(expected: wanted, got: failure.description)
            }
        }
    }

    // MARK: Definitions

    private func binary(_ text: ModuleText) throws -> [UInt8] {
        let words: [UInt8]
        switch text.encoding {
        case .binary(let bytes): return bytes
        case .quote(let bytes): words = bytes
        case .text(let range, let blanks): words = self.source.text(range, blanks: blanks)
        }
        guard let string = String(validating: words, as: UTF8.self) else {
            throw RunFailure.text("the text is not UTF-8")
        }
        return try Engine.assemble(string)
    }

    private func define(_ text: ModuleText) -> Result<Definition, RunFailure> {
        do {
            let bytes = try self.binary(text)
            switch text.kind {
            case .core: return .success(.core(try bytes.withUnsafeBytes { try self.engine.compile($0) }))
            case .component: return .success(.component(try self.components.define(bytes)))
            }
        } catch {
            return .failure(RunFailure(error))
        }
    }

    // MARK: Instances

    private func instantiate(_ text: ModuleText, line: Int) throws {
        try self.keep(name: text.name, line: line) {
            let definition = self.define(text)
            self.latestDefinition = definition
            if let name = text.name { self.definitions[name] = definition }
            return try self.instantiate(definition.get(), name: text.name)
        }
    }

    private func instantiate(_ definition: Definition, name: String?) throws -> Instance {
        switch definition {
        case .core(let module): .core(try self.core.instantiate(module))
        case .component(let definition):
            .component(try self.instantiate(definition, name: name))
        }
    }

    private func instantiate(_ definition: ComponentWorld.Definition, name: String?) throws -> ComponentWorld.Running {
        if let name { self.components.forget(name) }
        let running = try self.components.instantiate(definition, name: name ?? "component")
        if let name { self.components.name(definition, name) }
        return running
    }

    /// Makes an instance the latest one, also where making it fails: later commands must not take an older one for it.
    private func keep(name: String?, line: Int, _ make: () throws -> Instance) throws {
        let result = Result { try make() }
        let instance = (try? result.get()) ?? .failed(line: line)
        self.latest = instance
        if let name {
            self.instances[name] = instance
            if case .core(let running) = instance { self.core.register(running, as: name) }
        }
        _ = try result.get()
    }

    private func instance(_ name: String?) throws(RunFailure) -> Instance {
        guard let instance = name.map({ self.instances[$0] }) ?? self.latest else {
            throw .script(name.map { "there is no instance \($0)" } ?? "there is no instance")
        }
        if case .failed(let line) = instance { throw .dependency(line: line) }
        return instance
    }

    private func register(_ name: String, _ instance: String?) throws {
        switch try self.instance(instance) {
        case .core(let running): self.core.register(running, as: name)
        case .component: throw RunFailure.runner("registering a component")
        case .failed: break
        }
    }

    // MARK: Actions

    private struct Difference: Error {
        let expected: String
        let got: String
    }

    /// Performs an action and compares its results with `expected`, unless that is `nil`.
    private func perform(_ action: Action, expected: [Form]?) throws -> Difference? {
        switch try self.instance(action.instance) {
        case .core(let running):
            let values = try self.core.perform(action, running)
            guard let expected else { return nil }
            let patterns = try expected.map { try CoreConstant.pattern($0) }
            guard patterns.count == values.count, zip(patterns, values).allSatisfy({ $0.matches($1) }) else {
                return Difference(
                    expected: patterns.map(\.description).joined(separator: " "),
                    got: values.map(\.description).joined(separator: " "))
            }
            return nil
        case .component(let running):
            let value = try self.components.perform(action, running)
            guard let expected else { return nil }
            let wanted = try expected.map { try ConstantParser.value($0) }
            let isSame = value.map { value in wanted.count == 1 && value.matches(wanted[0]) } ?? wanted.isEmpty
            guard !isSame else { return nil }
            return Difference(
                expected: wanted.isEmpty ? "nothing" : wanted.map { "\($0.kindName) \($0)" }.joined(separator: " "),
                got: value.map { "\($0.kindName) \($0)" } ?? "nothing")
        case .failed(let line):
            throw RunFailure.dependency(line: line)
        }
    }
}
