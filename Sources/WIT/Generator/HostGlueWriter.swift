/// Writes what stands between a component's core values and the host's Swift functions: lifting of parameters,
/// the call, lowering of the result.
///
/// Source: Component Model, `CanonicalABI.md`. Flat parameters are read by reinterpreting their slots, which is what
/// the coercions of joined variant payloads come to on a little-endian machine.
struct HostGlueWriter {
    /// A Swift expression and whether it needs `try`.
    struct Expression {
        let text: String
        let isThrowing: Bool

        init(_ text: String, isThrowing: Bool = false) {
            self.text = text
            self.isThrowing = isThrowing
        }

        /// With `try` before it where needed.
        var tried: String { self.isThrowing ? "try \(self.text)" : self.text }
    }

    /// An offset or flat index: a variable plus a constant, or one of them.
    struct Position {
        let base: String?
        let constant: Int

        init(_ base: String?, _ constant: Int) {
            self.base = base
            self.constant = constant
        }

        static func + (left: Position, right: Int) -> Position { Position(left.base, left.constant + right) }

        var text: String {
            guard let base else { return "\(self.constant)" }
            return self.constant == 0 ? base : "\(base) + \(self.constant)"
        }
    }

    let context: BindingsContext
    let interface: InterfaceID
    var writer = SourceWriter()
    /// The interface whose names are in scope; none in an extension of one of its types.
    private(set) var scope: InterfaceID?
    /// Local names of the function being written.
    var taken: Set<String> = []
    /// Codecs that the functions need, by the signature of the element; see ``codec(_:)``.
    var codecs = CodecTable()

    init(context: BindingsContext, interface: InterfaceID) {
        self.context = context
        self.interface = interface
        self.scope = interface
    }

    var model: ResolvedModel { self.context.model }

    /// Types that need glue of their own: one that two release lines share has it in the first.
    private var gluedTypes: [TypeID] {
        self.context.generatedTypes(of: self.interface).filter { self.context.shared.original(of: $0) == nil }
    }

    /// Whether there is anything to write.
    var isEmpty: Bool {
        self.model[self.interface].functions.isEmpty
            && self.gluedTypes.isEmpty
    }

    /// `callInputStreamRead`.
    static func glueName(_ function: ResolvedFunction, _ model: ResolvedModel) -> String {
        let resource = function.kind.resource.map { SwiftNames.upperCamel(model[$0].name) } ?? ""
        return "call\(resource)\(SwiftNames.upperCamel(function.shortName))"
    }

    mutating func write() {
        let functions = self.model[self.interface].functions
        var isFirst = true
        if !functions.isEmpty {
            self.writer.open("extension \(self.context.namespace(of: self.interface)) {")
            for function in functions {
                if !isFirst { self.writer.line() }
                isFirst = false
                self.writeCall(function)
            }
            self.writer.close()
        }
        self.scope = nil
        for id in self.gluedTypes {
            let isParameter = self.context.inParameters.contains(id)
            let isResult = self.context.inResults.contains(id)
            if !isFirst { self.writer.line() }
            isFirst = false
            self.writer.open("extension \(self.context.qualifiedName(id)) {")
            if isParameter { self.writeLifting(id) }
            if isParameter, isResult { self.writer.line() }
            if isResult { self.writeLowering(id) }
            self.writer.close()
        }
        self.writeCodecs()
    }

    // MARK: Names

    mutating func beginScope(_ names: String...) {
        self.taken = Set(names)
        self.taken.formUnion(["call", "self"])
    }

    /// A local name like `hint` that the function does not yet have.
    mutating func unique(_ hint: String) -> String {
        var name = hint
        var number = 1
        while !self.taken.insert(name).inserted {
            number += 1
            name = "\(hint)\(number)"
        }
        return SwiftNames.escaped(name)
    }

    /// Names that `body` takes are free again after it: it writes a block of its own.
    mutating func block(_ body: (inout HostGlueWriter) -> Void) {
        let taken = self.taken
        body(&self)
        self.taken = taken
    }

    // MARK: Calls

    private mutating func writeCall(_ function: ResolvedFunction) {
        self.beginScope()
        self.writer.open(
            "static func \(Self.glueName(function, self.model))(_ call: borrowing HostCall) throws {")
        if function.isAsync {
            self.writeAsyncCall(function)
        } else {
            self.writeSyncCall(function)
        }
        self.writer.close()
    }

    private mutating func writeSyncCall(_ function: ResolvedFunction) {
        let form = self.form(of: function, maximum: ResolvedModel.maximumFlatParameters)
        let (head, arguments) = self.liftArguments(of: function, form)
        guard let resultType = function.result else {
            self.writer.call("try \(head)", arguments)
            return
        }
        let result = self.unique("result")
        self.writer.call("let \(result) = try \(head)", arguments)
        if self.model.flat(resultType).count <= ResolvedModel.maximumFlatResults {
            self.writeFlatReturn(resultType, result)
        } else {
            let area = self.unique("area")
            self.writer.line("let \(area) = call.i32(\(form.areaIndex))")
            self.writeStoreAll(resultType, result, pointer: area)
        }
    }

    /// How a function's parameters are passed.
    struct ParameterForm {
        /// One pointer to all of them, instead of flat values.
        let isSpilled: Bool
        /// The flat index after them, where the pointer to the return area is.
        let areaIndex: Int
    }

    func form(of function: ResolvedFunction, maximum: Int) -> ParameterForm {
        let count = function.parameters.map { self.model.flat($0.type).count }.reduce(0, +)
        let isSpilled = count > maximum
        return ParameterForm(isSpilled: isSpilled, areaIndex: isSpilled ? 1 : count)
    }

    /// Writes the statements that lift the arguments; returns `callee.method(` and them.
    mutating func liftArguments(
        of function: ResolvedFunction, _ form: ParameterForm
    ) -> (head: String, arguments: [String]) {
        var places: [Place] = []
        if form.isSpilled {
            let types = function.parameters.map(\.type)
            let layout = self.model.layout(ofFields: types)
            let view = self.unique("parameters")
            self.writer.line(
                "let \(view) = try call.view(call.i32(0), size: \(layout.size), alignment: \(layout.alignment))")
            places = self.model.offsets(ofFields: types).map { .memory(view: view, Position(nil, $0)) }
        } else {
            var index = 0
            for parameter in function.parameters {
                places.append(.flat(Position(nil, index)))
                index += self.model.flat(parameter.type).count
            }
        }
        var arguments: [String] = []
        let callee = self.writeCallee(function, places.first)
        for (index, parameter) in function.parameters.enumerated() {
            if case .method = function.kind, index == 0 { continue }
            let hint = SwiftNames.lowerCamel(parameter.name)
            let value = self.lift(
                parameter.type, places[index], hint: hint, isWholeParameter: !function.isAsync)
            arguments.append("\(SwiftNames.argumentLabel(parameter.name)): \(value.text)")
        }
        arguments.append("in: call")
        return ("\(callee).\(HostTypesWriter.method(function))(", arguments)
    }

    /// What the function is called on. Through the protocol, so that its requirements are what is called: optimized
    /// builds see the concrete type and call directly.
    private mutating func writeCallee(_ function: ResolvedFunction, _ first: Place?) -> String {
        let namespace = self.context.namespace(of: self.interface)
        switch function.kind {
        case .free:
            let functions = self.unique("functions")
            self.writer.line(
                "let \(functions): any \(namespace).Functions.Type = "
                    + "\(self.context.functionsType(of: self.interface)).self")
            return functions
        case .static(let id), .constructor(let id):
            let type = self.unique("type")
            self.writer.line(
                "let \(type): any \(self.context.qualifiedName(id)).Type = \(self.context.resourceClass(id)).self")
            return type
        case .method(let id):
            let this = self.unique("this")
            guard let first else { return this }
            let handle = self.word(first, self.model.layout(of: .borrow(id)).size)
            self.writer.call(
                "let \(this): any \(self.context.qualifiedName(id)) = try call.resource(",
                [
                    "borrowed: \(handle)", self.context.resourceType(id, from: self.interface),
                    "as: \(self.context.resourceClass(id)).self",
                ])
            return this
        }
    }

    /// The one core value that a small result comes to.
    mutating func writeFlatReturn(_ type: WITType, _ value: String) {
        let type = self.model.expanded(type)
        switch type {
        case .primitive(let primitive):
            switch primitive {
            case .bool: self.writer.line("call.returnI32(\(value) ? 1 : 0)")
            case .u8, .u16: self.writer.line("call.returnI32(UInt32(\(value)))")
            case .s8, .s16: self.writer.line("call.returnI32(UInt32(bitPattern: Int32(\(value))))")
            case .u32: self.writer.line("call.returnI32(\(value))")
            case .s32: self.writer.line("call.returnI32(UInt32(bitPattern: \(value)))")
            case .u64: self.writer.line("call.returnI64(\(value))")
            case .s64: self.writer.line("call.returnI64(UInt64(bitPattern: \(value)))")
            case .f32: self.writer.line("call.returnF32(\(value))")
            case .f64: self.writer.line("call.returnF64(\(value))")
            case .char: self.writer.line("call.returnI32(\(value).value)")
            case .string, .errorContext: break
            }
        case .own(let id), .borrow(let id):
            self.writer.line(
                "call.returnI32(try call.insert(\(value), \(self.context.resourceType(id, from: self.interface))))")
        case .future, .stream:
            self.writer.line("call.returnI32(try \(self.insertion(of: type, value)))")
        case .tuple(let elements):
            // A tuple of one is that one in Swift.
            if let element = elements.first { self.writeFlatReturn(element, value) }
        case .result:
            self.writer.open("switch \(value) {")
            self.writer.middle("case .ok: call.returnI32(0)")
            self.writer.middle("case .error: call.returnI32(1)")
            self.writer.close()
        case .named(let id):
            switch self.model[id].kind {
            case .record(let fields):
                guard let field = fields.first, let fieldType = field.type else { return }
                self.writeFlatReturn(fieldType, "\(value).\(SwiftNames.lowerCamel(field.name))")
            case .variant(let cases):
                self.writer.open("switch \(value) {")
                for (index, member) in cases.enumerated() {
                    self.writer.middle("case .\(SwiftNames.identifier(member.name)): call.returnI32(\(index))")
                }
                self.writer.close()
            case .enumeration, .flags: self.writer.line("call.returnI32(UInt32(\(value).rawValue))")
            case .alias, .resource: break
            }
        case .list, .option, .fixedList, .map: break
        }
    }
}
