/// Functions and value types: they must be equal.
extension Subtyping {
    func checkFunction(_ actual: TypeID, _ wanted: TypeID) throws(ComponentError) {
        if actual == wanted { return }
        let supplied = try self.arena.function(actual)
        let shape = try self.arena.function(wanted)
        guard supplied.isAsync == shape.isAsync else {
            func name(_ shape: FunctionShape) -> String { shape.isAsync ? "async" : "sync" }
            throw self.invalid("expected \(name(shape)) function, found \(name(supplied)) function")
        }
        guard supplied.parameters.count == shape.parameters.count else {
            throw self.invalid("expected \(shape.parameters.count) parameters, found \(supplied.parameters.count)")
        }
        for (parameter, wanted) in zip(supplied.parameters, shape.parameters) {
            guard parameter.name == wanted.name else {
                throw self.invalid("expected parameter named `\(wanted.name)`, found `\(parameter.name)`")
            }
            try self.within("type mismatch in function parameter `\(wanted.name)`") { () throws(ComponentError) in
                try self.check(parameter.type, wanted.type)
            }
        }
        switch (supplied.result, shape.result) {
        case (nil, nil): break
        case (let result?, let wanted?):
            try self.within("type mismatch with result type") { () throws(ComponentError) in
                try self.check(result, wanted)
            }
        // The phrases that tools have, and suites look for, tell it the other way round.
        case (_?, nil):
            throw self.invalid("expected a result, found none: the function supplied has a result, none is wanted")
        case (nil, _?):
            throw self.invalid("expected no result, found one: the function supplied has no result, one is wanted")
        }
    }

    func check(_ actual: ValueReference, _ wanted: ValueReference) throws(ComponentError) {
        if actual == wanted { return }
        try self.arena.spend()
        let actual = self.normalized(actual)
        let wanted = self.normalized(wanted)
        switch (actual, wanted) {
        case (.primitive(let actual), .primitive(let wanted)): try self.checkPrimitive(actual, wanted)
        case (.type(let actual), .type(let wanted)): try self.checkType(actual, wanted)
        case (.primitive(let actual), .type(let wanted)):
            throw self.invalid("expected \(self.name(wanted)), found \(actual)")
        case (.type(let actual), .primitive(let wanted)):
            throw self.invalid("expected \(wanted), found \(self.name(actual))")
        }
    }

    /// A definition of a primitive type is that type.
    private func normalized(_ reference: ValueReference) -> ValueReference {
        guard case .type(let id) = reference, case .value(.primitive(let type)) = self.arena[id].definition else {
            return reference
        }
        return .primitive(type)
    }

    private func name(_ id: TypeID) -> String {
        guard case .value(let type) = self.arena[id].definition else { return self.arena[id].definition.name }
        return type.name
    }

    private func checkPrimitive(_ actual: ValueType, _ wanted: ValueType) throws(ComponentError) {
        guard actual == wanted else {
            throw self.invalid("expected primitive `\(wanted)` found primitive `\(actual)`")
        }
    }

    func check(_ actual: DefinedValueType, _ wanted: DefinedValueType) throws(ComponentError) {
        func parts(_ actual: ValueReference, _ wanted: ValueReference, _ place: String) throws(ComponentError) {
            try self.within("type mismatch in \(place)") { () throws(ComponentError) in
                try self.check(actual, wanted)
            }
        }
        switch (actual, wanted) {
        case (.primitive(let actual), .primitive(let wanted)): try self.checkPrimitive(actual, wanted)
        case (.record(let actual), .record(let wanted)): try self.check(actual, wanted)
        case (.variant(let actual), .variant(let wanted)): try self.check(actual, wanted)
        case (.tuple(let actual), .tuple(let wanted)):
            guard actual.count == wanted.count else {
                throw self.invalid("expected \(wanted.count) types, found \(actual.count)")
            }
            for (index, pair) in zip(actual, wanted).enumerated() {
                try parts(pair.0, pair.1, "tuple field \(index)")
            }
        case (.flags(let actual), .flags(let wanted)):
            guard actual == wanted else { throw self.invalid("mismatch in flags elements") }
        case (.enumeration(let actual), .enumeration(let wanted)):
            guard actual == wanted else { throw self.invalid("mismatch in enum elements") }
        case (.list(let actual), .list(let wanted)): try parts(actual, wanted, "list")
        case (.option(let actual), .option(let wanted)): try parts(actual, wanted, "option")
        case (.fixedList(let actual, let count), .fixedList(let wanted, let wantedCount)):
            guard count == wantedCount else {
                throw self.invalid("expected fixed-length list of \(wantedCount), found one of \(count)")
            }
            try parts(actual, wanted, "fixed-length list")
        case (.map(let key, let value), .map(let wantedKey, let wantedValue)):
            try parts(key, wantedKey, "map key")
            try parts(value, wantedValue, "map value")
        case (.result(let ok, let error), .result(let wantedOK, let wantedError)):
            try self.checkOptional(ok, wantedOK, "ok")
            try self.checkOptional(error, wantedError, "err")
        case (.own(let actual), .own(let wanted)), (.borrow(let actual), .borrow(let wanted)):
            guard self.arena.resource(actual) == self.arena.resource(wanted) else {
                throw self.invalid("resource types are not the same")
            }
        case (.stream(let actual), .stream(let wanted)), (.future(let actual), .future(let wanted)):
            switch (actual, wanted) {
            case (nil, nil): break
            case (let actual?, let wanted?): try parts(actual, wanted, "element")
            case (nil, _?): throw self.invalid("expected element type, but found none")
            case (_?, nil): throw self.invalid("expected element type to not be present")
            }
        case (.primitive(let actual), _): throw self.invalid("expected \(wanted.name), found \(actual)")
        default: throw self.invalid("expected \(wanted.name), found \(actual.name)")
        }
    }

    private func checkOptional(_ actual: ValueReference?, _ wanted: ValueReference?, _ what: String)
        throws(ComponentError)
    {
        switch (actual, wanted) {
        case (nil, nil): break
        case (let actual?, let wanted?):
            try self.within("type mismatch in \(what) variant") { () throws(ComponentError) in
                try self.check(actual, wanted)
            }
        case (nil, _?): throw self.invalid("expected \(what) type, but found none")
        case (_?, nil): throw self.invalid("expected \(what) type to not be present")
        }
    }

    private func check(_ actual: [DefinedValueType.Field], _ wanted: [DefinedValueType.Field]) throws(ComponentError) {
        guard actual.count == wanted.count else {
            throw self.invalid("expected \(wanted.count) fields, found \(actual.count)")
        }
        for (field, wanted) in zip(actual, wanted) {
            guard field.name == wanted.name else {
                throw self.invalid("expected field name `\(wanted.name)`, found `\(field.name)`")
            }
            try self.within("type mismatch in record field `\(wanted.name)`") { () throws(ComponentError) in
                try self.check(field.type, wanted.type)
            }
        }
    }

    private func check(_ actual: [DefinedValueType.Case], _ wanted: [DefinedValueType.Case]) throws(ComponentError) {
        guard actual.count == wanted.count else {
            throw self.invalid("expected \(wanted.count) cases, found \(actual.count)")
        }
        for (`case`, wanted) in zip(actual, wanted) {
            guard `case`.name == wanted.name else {
                throw self.invalid("expected case named `\(wanted.name)`, found `\(`case`.name)`")
            }
            switch (`case`.type, wanted.type) {
            case (nil, nil): break
            case (let type?, let wantedType?):
                try self.within("type mismatch in variant case `\(wanted.name)`") { () throws(ComponentError) in
                    try self.check(type, wantedType)
                }
            case (nil, _?): throw self.invalid("expected case `\(wanted.name)` to have a type, found none")
            case (_?, nil): throw self.invalid("expected case `\(wanted.name)` to have no type")
            }
        }
    }
}
