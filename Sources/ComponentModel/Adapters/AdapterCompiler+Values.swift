/// Copying values: each is loaded from its place on one side, checked, and stored in its place on the other.
extension AdapterCompiler {
    /// Copies the fields of a record or tuple, or the parameters of a function.
    mutating func translate(fields: [ValueType], from source: Place, to destination: Place) throws(ComponentError) {
        var from = Cursor(source, self.source.addressType)
        var to = Cursor(destination, self.destination.addressType)
        for field in fields {
            try self.translate(field, from: from.take(field), to: to.take(field))
        }
    }

    mutating func translate(_ type: ValueType, from source: Place, to destination: Place) throws(ComponentError) {
        try self.checkSize()
        switch type {
        case .bool:
            self.scalar(source, destination, size: 1) {
                $0.i32(0)
                $0.op(.i32Ne)
            }
        case .u8: self.scalar(source, destination, size: 1) { Self.mask(&$0, bits: 8, of: source) }
        case .u16: self.scalar(source, destination, size: 2) { Self.mask(&$0, bits: 16, of: source) }
        case .s8: self.scalar(source, destination, size: 1) { $0.op(.i32Extend8S) }
        case .s16: self.scalar(source, destination, size: 2) { $0.op(.i32Extend16S) }
        case .s32, .u32: self.scalar(source, destination, size: 4)
        case .s64, .u64:
            self.pushAddress(destination)
            self.load(source, .i64, size: 8)
            self.store(destination, .i64, size: 8)
        case .f32:
            self.pushAddress(destination)
            self.load(source, .f32, size: 4)
            self.store(destination, .f32, size: 4)
        case .f64:
            self.pushAddress(destination)
            self.load(source, .f64, size: 8)
            self.store(destination, .f64, size: 8)
        case .char: self.character(source, destination)
        case .string: try self.text(source, destination)
        case .list(let element): try self.list(element, source, destination)
        case .fixedList(let element, let count): try self.fixedList(element, count, source, destination)
        case .record(let fields): try self.translate(fields: fields.map(\.type), from: source, to: destination)
        case .tuple(let types): try self.translate(fields: types, from: source, to: destination)
        case .variant(let cases): try self.variant(cases.map(\.type), type, source, destination)
        case .enum(let labels): try self.variant(labels.map { _ in nil }, type, source, destination)
        case .option(let some): try self.variant([nil, some], type, source, destination)
        case .result(let ok, let error): try self.variant([ok, error], type, source, destination)
        case .flags(let labels):
            let mask: UInt32 = labels.count >= 32 ? .max : (1 << UInt32(labels.count)) - 1
            self.scalar(source, destination, size: Layout.flags(count: labels.count).size) {
                guard mask != .max else { return }
                $0.i32(mask)
                $0.op(.i32And)
            }
        case .own(let resource):
            self.handle(
                .transferOwn(resource: resource, from: self.instances.from, to: self.instances.to), source, destination)
        case .borrow(let resource):
            self.handle(
                .transferBorrow(resource: resource, from: self.instances.from, to: self.instances.to), source,
                destination)
        case .stream, .future, .errorContext:
            self.handle(
                .transferEnd(type: type, from: self.instances.from, to: self.instances.to), source, destination)
        }
    }

    private var instances: (from: Int, to: Int) {
        (self.source.options.componentInstance, self.destination.options.componentInstance)
    }

    private static func mask(_ code: inout WasmCode, bits: UInt32, of source: Place) {
        guard case .flat = source else { return }
        code.i32((1 << bits) - 1)
        code.op(.i32And)
    }

    // MARK: Scalars

    private mutating func scalar(
        _ source: Place, _ destination: Place, size: Int, _ normalise: (inout WasmCode) -> Void = { _ in }
    ) {
        self.pushAddress(destination)
        self.load(source, .i32, size: size)
        normalise(&self.code)
        self.store(destination, .i32, size: size)
    }

    private mutating func character(_ source: Place, _ destination: Place) {
        let value = self.local(.i32)
        self.load(source, .i32, size: 4)
        self.code.localTee(value)
        // Surrogates become the numbers below 0x800, and wrap around; what is too large stays so.
        self.code.i32(0xD800)
        self.code.op(.i32Xor)
        self.code.i32(0x800)
        self.code.op(.i32Sub)
        self.code.i32(0x11_0000 - 0x800)
        self.code.op(.i32GeU)
        self.stopIf(.invalidChar, .local(value, .i32), .constant(0))
        self.put(value, in: destination)
        self.free(value, .i32)
    }

    private mutating func handle(_ kind: Trampoline.Kind, _ source: Place, _ destination: Place) {
        // The host uses its caller's handles.
        guard self.instances.from != self.instances.to else { return self.scalar(source, destination, size: 4) }
        self.pushAddress(destination)
        self.load(source, .i32, size: 4)
        self.code.call(self.context.hostFunction(&self.module, kind))
        self.store(destination, .i32, size: 4)
    }

    /// Writes the `i32` in a local to a place.
    mutating func put(_ local: Int, in destination: Place, size: Int = 4) {
        self.pushAddress(destination)
        self.code.localGet(local)
        self.store(destination, .i32, size: size)
    }

    /// Writes a pointer or a length to a place.
    mutating func putPointer(_ number: Number, in destination: Place) {
        let addressType = self.destination.addressType
        self.pushAddress(destination)
        self.push(number, as: addressType.coreType)
        self.store(destination, addressType.coreType, size: addressType.byteCount)
    }

    /// What a store to the place needs below its value.
    private mutating func pushAddress(_ place: Place) {
        guard case .memory(let address, _) = place else { return }
        self.code.localGet(address)
    }

    /// Pushes the value, as its own core type.
    mutating func load(_ place: Place, _ type: CoreType, size: Int) {
        switch place {
        case .memory(let address, let offset):
            let access: WasmCode.Memory =
                switch (type, size) {
                case (.i64, _): .i64Load
                case (.f32, _): .f32Load
                case (.f64, _): .f64Load
                case (.i32, 1): .i32Load8U
                case (.i32, 2): .i32Load16U
                case (.i32, _): .i32Load
                }
            self.code.localGet(address)
            self.code.access(access, memory: self.source.memory ?? 0, offset: offset)
        case .flat(let slots):
            guard let slot = slots.first else { return self.code.op(.unreachable) }
            self.code.localGet(slot.local)
            switch (slot.type, type) {
            case (.i64, .i32): self.code.op(.i32WrapI64)
            case (.i64, .f64): self.code.op(.f64ReinterpretI64)
            case (.i32, .f32): self.code.op(.f32ReinterpretI32)
            case (.i64, .f32):
                self.code.op(.i32WrapI64)
                self.code.op(.f32ReinterpretI32)
            default: break
            }
        }
    }

    /// Takes a value of its own core type from the stack.
    private mutating func store(_ place: Place, _ type: CoreType, size: Int) {
        switch place {
        case .memory(_, let offset):
            let access: WasmCode.Memory =
                switch (type, size) {
                case (.i64, _): .i64Store
                case (.f32, _): .f32Store
                case (.f64, _): .f64Store
                case (.i32, 1): .i32Store8
                case (.i32, 2): .i32Store16
                case (.i32, _): .i32Store
                }
            self.code.access(access, memory: self.destination.memory ?? 0, offset: offset)
        case .flat(let slots):
            guard let slot = slots.first else { return self.code.op(.unreachable) }
            switch (type, slot.type) {
            case (.i32, .i64): self.code.op(.i64ExtendI32U)
            case (.f64, .i64): self.code.op(.i64ReinterpretF64)
            case (.f32, .i32): self.code.op(.i32ReinterpretF32)
            case (.f32, .i64):
                self.code.op(.i32ReinterpretF32)
                self.code.op(.i64ExtendI32U)
            default: break
            }
            self.code.localSet(slot.local)
        }
    }

    // MARK: Variants

    private mutating func variant(_ cases: [ValueType?], _ type: ValueType, _ source: Place, _ destination: Place)
        throws(ComponentError)
    {
        let size = Layout.discriminantSize(caseCount: cases.count)
        let chosen = self.local(.i32)
        self.load(source, .i32, size: size)
        self.code.localTee(chosen)
        self.code.i32(UInt32(truncatingIfNeeded: cases.count))
        self.code.op(.i32GeU)
        self.stopIf(.invalidDiscriminant, .local(chosen, .i32), .constant(cases.count))
        self.put(chosen, in: destination, size: size)
        let payloads = cases.enumerated().compactMap { index, type in type.map { (index, $0) } }
        guard !payloads.isEmpty else { return self.free(chosen, .i32) }
        let from = source.payload(at: type.payloadOffset(self.source.addressType))
        let to = destination.payload(at: type.payloadOffset(self.destination.addressType))
        // One block for each case with a payload, innermost first, and one around them for those without.
        self.code.block()
        for _ in payloads { self.code.block() }
        var depths = Array(repeating: payloads.count, count: cases.count)
        for (depth, payload) in payloads.enumerated() { depths[payload.0] = depth }
        self.code.localGet(chosen)
        self.code.branchTable(depths, default: payloads.count)
        self.free(chosen, .i32)
        for (depth, payload) in payloads.enumerated() {
            self.code.op(.end)
            try self.translate(payload.1, from: from, to: to)
            self.code.branch(payloads.count - depth - 1)
        }
        self.code.op(.end)
    }

    /// Walks over the fields of a place.
    private struct Cursor {
        private var place: Place
        private let addressType: AddressType
        private var offset = 0

        init(_ place: Place, _ addressType: AddressType) {
            self.place = place
            self.addressType = addressType
        }

        mutating func take(_ type: ValueType) -> Place {
            switch self.place {
            case .flat(let slots):
                let count = type.flatTypes(self.addressType)?.count ?? slots.count
                self.place = .flat(slots.dropFirst(count))
                return .flat(slots.prefix(count))
            case .memory(let address, let start):
                let layout = type.layout(self.addressType)
                self.offset = Layout.align(self.offset, to: layout.alignment)
                defer { self.offset += layout.size }
                return .memory(address: address, offset: start + self.offset)
            }
        }
    }
}

extension AdapterCompiler.Place {
    /// The payload of a variant in this place.
    fileprivate func payload(at offset: Int) -> AdapterCompiler.Place {
        switch self {
        case .flat(let slots): .flat(slots.dropFirst())
        case .memory(let address, let start): .memory(address: address, offset: start + offset)
        }
    }

    /// The second half of a pointer and length.
    func length(_ addressType: AddressType) -> AdapterCompiler.Place {
        switch self {
        case .flat(let slots): .flat(slots.dropFirst())
        case .memory(let address, let start): .memory(address: address, offset: start + addressType.byteCount)
        }
    }
}
