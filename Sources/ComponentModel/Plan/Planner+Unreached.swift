/// Validation of what planning never reached: components that nobody instantiates, types that nobody uses.
extension Planner {
    /// To be called when the plan is complete and has been taken: it goes on adding to the planner's own.
    ///
    /// Whatever this runtime does not support is fine here, since it is never used.
    func validateUnreached() throws(ComponentError) {
        // Evaluating adds scopes, with more to reach in them; the budget ends it.
        var index = 0
        while index < self.scopes.count {
            let scope = self.scopes[index]
            index += 1
            for component in scope.components where !self.reached.contains(ObjectIdentifier(component.syntax)) {
                try self.ignoringUnsupported { () throws(ComponentError) in
                    _ = try self.instantiate(component, arguments: nil, depth: 0)
                }
            }
            for type in scope.types {
                guard let closure = type.closure, !self.reached.contains(ObjectIdentifier(closure.syntax)) else {
                    continue
                }
                try self.ignoringUnsupported { () throws(ComponentError) in
                    _ = try self.evaluate(closure, .unreached, depth: 0)
                }
            }
        }
    }

    private func ignoringUnsupported(_ body: () throws(ComponentError) -> Void) throws(ComponentError) {
        do throws(ComponentError) {
            try body()
        } catch  where error.kind == .unsupported {
            return
        }
    }
}

extension TypeItem {
    fileprivate var closure: TypeClosure? {
        switch self {
        case .component(let closure), .instance(let closure): closure
        case .value, .function, .resource: nil
        }
    }
}
