import ComponentModel

/// The decoder, the validator and the planner of components.
enum ComponentTarget: FuzzTarget {
    static let name = "component"

    static func run(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { buffer in
            do throws(ComponentError) {
                let plan = try ComponentDecoder.plan(buffer)
                self.check(plan, bytes.count)
            } catch {
                if error.offset < 0 || error.offset > bytes.count {
                    violated("an error at offset \(error.offset) of \(bytes.count) bytes")
                }
                if error.message.isEmpty { violated("an error without a message") }
            }
        }
    }

    /// Every number in a plan has to be one that the runtime may use without asking.
    static func check(_ plan: ComponentPlan, _ count: Int) {
        func check(_ definition: CoreDefinition, before step: Int) {
            switch definition {
            case .trampoline(let index):
                if !plan.trampolines.indices.contains(index) { violated("trampoline \(index) that is not there") }
            case .export(let instance, _):
                if instance >= step { violated("an export of instance \(instance), which comes later") }
            }
        }
        for module in plan.coreModules where module.byteRange.lowerBound < 0 || module.byteRange.upperBound > count {
            violated("a module outside of the file")
        }
        for (index, step) in plan.steps.enumerated() {
            switch step {
            case .instantiate(let module, let imports):
                if !plan.coreModules.indices.contains(module) { violated("module \(module) that is not there") }
                for wanted in imports { check(wanted.source, before: index) }
            }
        }
        self.check(plan.starts, of: plan)
        for definition in plan.memories + plan.functions { check(definition, before: plan.steps.count) }
        for options in plan.options {
            if let memory = options.memory, !plan.memories.indices.contains(memory) { violated("a memory slot") }
            for slot in [options.realloc, options.postReturn].compactMap({ $0 })
            where !plan.functions.indices.contains(slot) {
                violated("a function slot")
            }
        }
    }

    private static func check(_ starts: [StartCall], of plan: ComponentPlan) {
        var position = 0
        for (index, start) in starts.enumerated() {
            if !(position...plan.steps.count).contains(start.position) { violated("a start function out of order") }
            position = start.position
            if start.arguments.count != start.function.type.parameters.count {
                violated("arguments of a start function")
            }
            if plan.functions.indices.contains(start.function.callee),
                case .export(let instance, _) = plan.functions[start.function.callee], instance >= position
            {
                violated("a start function of instance \(instance), which comes later")
            }
            for argument in start.arguments { self.check(argument, before: index, of: plan) }
        }
        self.checkValues(of: plan.exports, of: plan)
    }

    private static func checkValues(of exports: [PlanExport], of plan: ComponentPlan) {
        for export in exports {
            switch export.kind {
            case .value(let value, _): self.check(value, before: plan.starts.count, of: plan)
            case .instance(let exports): self.checkValues(of: exports, of: plan)
            default: break
            }
        }
    }

    private static func check(_ value: PlanValue, before start: Int, of plan: ComponentPlan) {
        switch value {
        case .constant(let index):
            guard plan.constants.indices.contains(index), (try? plan.constants[index].decoded()) != nil else {
                violated("a value that was not validated")
            }
        case .result(let index):
            guard index < start, plan.starts[index].function.type.result != nil else {
                violated("the result of a start function that has none, or comes later")
            }
        }
    }
}
