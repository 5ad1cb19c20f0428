/// Start functions, and the values that they take and give.
extension ComponentInstance {
    /// Calls the start functions that come before a step, and takes them out of `starts`.
    func run(_ starts: inout ArraySlice<StartFunction>, before step: Int) throws {
        while let start = starts.first, start.position <= step {
            starts.removeFirst()
            let arguments = try start.arguments.map { try self.value($0) }
            do {
                self.startResults.append(try self.call(start.function, arguments))
            } catch let error as ValueError {
                // Validation has checked the types, so this is a handle that is gone: the same value, by two aliases.
                throw GuestFault(error.message).calling(start.function.name)
            }
        }
    }

    private func value(_ source: PlanValue) throws -> ComponentValue {
        switch source {
        case .constant(let index):
            guard let plan = self.component?.plan, plan.constants.indices.contains(index) else {
                throw GuestFault("a value of the component is missing")
            }
            return try plan.constants[index].decoded()
        case .result(let start):
            guard self.startResults.indices.contains(start), let value = self.startResults[start] else {
                throw GuestFault("the result of a start function is needed before there is one")
            }
            return value
        }
    }

    /// A value that the component exports, in an instance or at its root.
    ///
    /// - Parameter interface: the instance's name; nil for the root.
    /// - Returns: nil when there is no value of that name.
    package func exportedValue(_ name: String, in interface: String?) throws -> ComponentValue? {
        guard let plan = self.component?.plan else { return nil }
        let found = interface.map { plan.export(named: $0)?.member(name) } ?? plan.export(named: name)
        guard case .value(let source, _)? = found?.kind else { return nil }
        return try self.value(source)
    }
}
