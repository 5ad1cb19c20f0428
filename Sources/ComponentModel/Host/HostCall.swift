/// One call of a host function by a guest: its flat arguments, its memory, its handles.
///
/// Written for generated code: indices and offsets come from the interface's type, which was compared with the
/// component's at load. What the guest controls (pointers, lengths, handles, text) is checked on every use.
/// Source: Component Model, `CanonicalABI.md`, "canon lower".
@usableFromInline
package struct HostCall: ~Copyable {
    /// Argument and result slots, 16 bytes each, as Wasmtime passes them.
    @usableFromInline let values: UnsafeMutableRawPointer
    // Kept for the whole call: what is not would be retained for each use.
    package let instance: ComponentInstance
    let lowering: Lowering
    /// Where its values go by way of another memory. Kept by who makes the call.
    unowned(unsafe) let passage: CopiedHostCall.Passage?

    package init(values: UnsafeMutableRawPointer, instance: ComponentInstance, lowering: Lowering) {
        self.init(values: values, instance: instance, lowering: lowering, passage: nil)
    }

    init(
        values: UnsafeMutableRawPointer, instance: ComponentInstance, lowering: Lowering,
        passage: CopiedHostCall.Passage?
    ) {
        self.values = values
        self.instance = instance
        self.lowering = lowering
        self.passage = passage
    }

    // MARK: Flat values

    @inlinable
    @inline(__always)
    package func i32(_ index: Int) -> UInt32 { self.values.load(fromByteOffset: index &* 16, as: UInt32.self) }

    @inlinable
    @inline(__always)
    package func i64(_ index: Int) -> UInt64 { self.values.load(fromByteOffset: index &* 16, as: UInt64.self) }

    package func f32(_ index: Int) -> Float { Float(bitPattern: self.i32(index)) }
    package func f64(_ index: Int) -> Double { Double(bitPattern: self.i64(index)) }

    @inlinable
    @inline(__always)
    package func returnI32(_ value: UInt32) { self.values.storeBytes(of: value, as: UInt32.self) }

    @inlinable
    @inline(__always)
    package func returnI64(_ value: UInt64) { self.values.storeBytes(of: value, as: UInt64.self) }

    package func returnF32(_ value: Float) { self.returnI32(value.bitPattern) }
    package func returnF64(_ value: Double) { self.returnI64(value.bitPattern) }

    // MARK: Resources

    /// The object behind a handle that the guest lends for this call.
    package func resource<R: AnyObject>(
        borrowed handle: UInt32, _ type: HostResourceType, as _: R.Type
    ) throws -> R {
        let rep = try self.instance.lend(
            handle, type: type.id, componentInstance: self.lowering.componentInstance)
        return try self.instance.resources.object(at: rep, as: R.self)
    }

    /// The object behind a handle that the guest gives away: it leaves the guest's table.
    package func resource<R: AnyObject>(
        owned handle: UInt32, _ type: HostResourceType, as _: R.Type
    ) throws -> R {
        let rep = try self.instance.withHandles(of: self.lowering.componentInstance) {
            try $0.removeOwn(handle, type: type.id)
        }
        return try self.instance.resources.remove(at: rep, as: R.self)
    }

    /// Gives `object` to the guest: a new own handle in its table.
    package func insert(_ object: AnyObject, _ type: HostResourceType) throws -> UInt32 {
        try self.instance.insert(object, type, componentInstance: self.lowering.componentInstance)
    }

    // MARK: The host's side

    /// The host's own object of this instance, given when it was made. Not checked to be an `H`, which would cost a search
    /// by name: all host functions of one registry agree on the class.
    package func host<H: AnyObject>(_: H.Type) -> H {
        unsafeDowncast(self.instance.host, to: H.self)
    }

    /// Suspends the guest until somebody wakes ``waker``. Wake-ups may be spurious: call it in a loop.
    ///
    /// - Throws: when the invocation is cancelled; let the error pass.
    @usableFromInline
    package func wait() throws {
        try self.instance.wait()
    }

    /// What resumes the guest from ``wait()``.
    @usableFromInline
    package var waker: Waker { self.instance.waker }
}
