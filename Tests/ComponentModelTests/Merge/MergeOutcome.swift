import ComponentModel
import Testing
import WasmEngine

/// What came of running a component: for comparing it merged and not.
enum MergeOutcome: Equatable {
    case value(UInt32)
    case trap(Trap.Code)
    /// A host function's refusal, or an error of the engine's.
    case failure(String)
}

/// A component in text that is run merged and not.
struct MergeGuest {
    let source: ComponentText
    let plan: ComponentPlan

    init(_ text: String) throws {
        self.source = try ComponentText(text)
        self.plan = try self.source.plan()
    }

    init(_ modules: MergeModules) throws {
        try self.init(modules.text)
    }

    /// How many core instances the merged plan makes; nil when it is not merged.
    func mergedSteps(limits: MergeLimits = MergeLimits()) -> Int? {
        self.source.bytes.withUnsafeBytes { self.plan.merged($0, limits: limits)?.plan.steps.count }
    }

    func component(isMerged: Bool, limits: MergeLimits = MergeLimits()) throws -> Component {
        let engine = try Shared.engine.get()
        return try self.source.bytes.withUnsafeBytes { bytes in
            let (plan, modules) = try PlanCompiler(self.plan, bytes, limits: isMerged ? limits : nil)
                .compile { code, _ in try engine.compile(code) }
            return try Component(
                name: "guest", plan: plan, modules: modules, engine: engine, registry: TestAPI.registry)
        }
    }

    func outcome(isMerged: Bool, limits: MergeLimits = MergeLimits(), host: Recorder = Recorder()) -> MergeOutcome {
        do {
            return .value(try run(self.component(isMerged: isMerged, limits: limits), host: host))
        } catch WasmFailure.trap(let trap) {
            return .trap(trap.code)
        } catch {
            return .failure("\(error)")
        }
    }
}

/// Core modules that are instantiated in order; each may import from all before it, by their numbers. The last exports
/// `run`.
struct MergeModules: CustomTestStringConvertible {
    let name: String
    let modules: [String]

    init(_ name: String, _ modules: String...) {
        self.name = name
        self.modules = modules
    }

    var testDescription: String { self.name }

    var text: String {
        let modules = self.modules.enumerated().map { index, fields in
            let with = (0..<index).map { "(with \"\($0)\" (instance $i\($0)))" }.joined(separator: " ")
            return """
                (core module $m\(index) \(fields))
                (core instance $i\(index) (instantiate $m\(index) \(with)))
                """
        }
        return """
            (component
              \(modules.joined(separator: "\n"))
              (func (export "run") (result u32) (canon lift (core func $i\(modules.count - 1) "run"))))
            """
    }
}
