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
        for definition in plan.memories + plan.functions { check(definition, before: plan.steps.count) }
        for options in plan.options {
            if let memory = options.memory, !plan.memories.indices.contains(memory) { violated("a memory slot") }
            for slot in [options.realloc, options.postReturn].compactMap({ $0 })
            where !plan.functions.indices.contains(slot) {
                violated("a function slot")
            }
        }
    }
}
