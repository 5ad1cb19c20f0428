/// Values and start functions: each value is used exactly once, by an export, an instantiation or a start function
/// (Binary.md, "Start Definitions").
extension Validator {
    func value(_ syntax: ValueSyntax, in scope: ComponentScope) throws(ComponentError) {
        let type = try self.value(syntax.type, in: scope)
        guard syntax.encoding.count <= Limits.encodedValues else {
            throw ComponentError(
                .unsupported, "too large: a value of more than \(Limits.encodedValues) bytes",
                offset: syntax.encoding.lowerBound)
        }
        // Read for its errors alone: whoever instantiates the component reads it again.
        _ = try ValueDecoder.value(of: try self.arena.expanded(type), self.bytes, range: syntax.encoding)
        self.define(type, in: scope)
    }

    func start(_ syntax: StartSyntax, in scope: ComponentScope) throws(ComponentError) {
        let function = try self.arena.function(try self.lookUp(scope.functions, syntax.function, "function"))
        guard function.parameters.count == syntax.arguments.count else {
            throw self.invalid(
                "component start function requires \(function.parameters.count) arguments but was given "
                    + "\(syntax.arguments.count)")
        }
        let resultCount = function.result == nil ? 0 : 1
        guard resultCount == Int(syntax.resultCount) else {
            throw self.invalid(
                "component start function has a result count of \(syntax.resultCount) but the function type has a result "
                    + "count of \(resultCount)")
        }
        for (index, (parameter, argument)) in zip(function.parameters, syntax.arguments).enumerated() {
            let value = try self.use(value: argument, in: scope)
            do throws(ComponentError) {
                try self.subtyping.check(value.type, parameter.type)
            } catch {
                throw ComponentError(
                    error.kind,
                    "value type mismatch for component start function argument \(index): \(error.message)",
                    offset: error.offset)
            }
        }
        if let result = function.result { self.define(result, in: scope) }
    }

    /// Adds a value that the component itself makes.
    private func define(_ type: ValueReference, in scope: ComponentScope) {
        let variable = self.arena.newVariable()
        scope.definedVariables.append(variable)
        scope.add(.value(type, variable), at: self.arena.offset)
    }

    /// The value, used up.
    func use(value index: UInt32, in scope: ComponentScope) throws(ComponentError) -> ComponentScope.Value {
        let value = try self.lookUp(scope.values, index, "value")
        guard !value.isUsed else { throw self.invalid("value \(index) cannot be used more than once") }
        scope.values[Int(index)].isUsed = true
        return value
    }

    /// Types have no rule of this kind: their values are nowhere used.
    func checkAllUsed(_ scope: ComponentScope) throws(ComponentError) {
        guard let index = scope.values.firstIndex(where: { !$0.isUsed }) else { return }
        throw ComponentError(
            .invalid,
            "value index \(index) was not used as part of an instantiation, start function, or export",
            offset: scope.values[index].offset)
    }

    func checkExportable(value type: ValueReference) throws(ComponentError) {
        guard case .type(let id) = type, self.arena[id].containsBorrow else { return }
        throw self.invalid("an exported value cannot contain a `borrow` type")
    }
}

extension TypeArena {
    /// The type of a value that is written down, without references to others. Maps are the lists of pairs that they
    /// stand for.
    ///
    /// - Throws: for types without values in the binary format: handles, streams, futures, error contexts, and lists whose
    ///   length is fixed, for which `Binary.md` has no encoding.
    func expanded(_ reference: ValueReference) throws(ComponentError) -> ValueType {
        try self.spend()
        switch reference {
        case .primitive(.errorContext): throw self.hasNoValues("error-context")
        case .primitive(let type): return type
        case .type(let id):
            guard case .value(let type) = self[id].definition else { throw self.invalid("not a value type") }
            return try self.expanded(type)
        }
    }

    private func expanded(_ type: DefinedValueType) throws(ComponentError) -> ValueType {
        switch type {
        case .primitive(let type): return try self.expanded(ValueReference.primitive(type))
        case .record(let fields):
            var expanded: [ValueType.Field] = []
            for field in fields { expanded.append(.init(field.name, try self.expanded(field.type))) }
            return .record(expanded)
        case .variant(let cases):
            var expanded: [ValueType.Case] = []
            for `case` in cases { expanded.append(.init(`case`.name, try self.expanded(optional: `case`.type))) }
            return .variant(expanded)
        case .tuple(let types):
            var expanded: [ValueType] = []
            for type in types { expanded.append(try self.expanded(type)) }
            return .tuple(expanded)
        case .list(let element): return .list(try self.expanded(element))
        case .map(let key, let value):
            return .list(.tuple([try self.expanded(key), try self.expanded(value)]))
        case .flags(let labels): return .flags(labels)
        case .enumeration(let labels): return .enum(labels)
        case .option(let some): return .option(try self.expanded(some))
        case .result(let ok, let error):
            return .result(ok: try self.expanded(optional: ok), error: try self.expanded(optional: error))
        case .fixedList, .own, .borrow, .stream, .future: throw self.hasNoValues(type.name)
        }
    }

    private func expanded(optional reference: ValueReference?) throws(ComponentError) -> ValueType? {
        guard let reference else { return nil }
        return try self.expanded(reference)
    }

    private func hasNoValues(_ type: String) -> ComponentError {
        self.invalid("a value of type \(type) cannot be defined: the binary format has none")
    }
}
