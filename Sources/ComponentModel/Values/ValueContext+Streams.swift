/// Streams, futures and error contexts that pass between guests, or between a guest and the embedder.
extension ValueContext {
    func liftEnd(_ handle: UInt32, _ type: ValueType) throws -> ComponentValue {
        switch type {
        case .stream(let element): return .stream(try self.liftEnd(handle, element, isFuture: false))
        case .future(let element): return .future(try self.liftEnd(handle, element, isFuture: true))
        case .errorContext:
            return .errorContext(
                try self.instance.object(
                    handle, kind: AsyncHandle.errorContext, componentInstance: self.componentInstance,
                    as: ErrorContext.self))
        default: throw GuestFault("a handle of no stream, future or error-context")
        }
    }

    private func liftEnd(_ handle: UInt32, _ element: ValueType?, isFuture: Bool) throws -> HostEnd {
        let lifted = try HostEnd.lift(
            handle, payload: self.payload(element), isFuture: isFuture, from: self.instance,
            componentInstance: self.componentInstance)
        return HostEnd(lifted.shared, lifetime: lifted.lifetime)
    }

    func lowerEnd(_ end: HostEnd, _ element: ValueType?) throws -> UInt32 {
        try HostEnd.lower(try end.give(), to: self.instance, componentInstance: self.componentInstance)
    }

    private func payload(_ element: ValueType?) -> UInt32 {
        PayloadNumber.of(element, resourceNames: self.instance.resourceNames).value
    }

    func check(_ end: HostEnd, _ element: ValueType?, at path: String) throws {
        guard !end.isGone else { throw ValueError("the stream or future was given away", at: path) }
        guard end.shared.payload == self.payload(element) else {
            throw ValueError("the stream or future has another type", at: path)
        }
    }
}
