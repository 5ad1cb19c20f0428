/// How a component lowered one imported function: which memory, which allocator, whose handles.
///
/// Slots point into ``ComponentInstance``; the same lowering serves every instance of the component.
package final class Lowering: Sendable {
    /// For messages.
    package let label: FunctionLabel
    package let memory: Int?
    /// How that memory is addressed.
    package let addressType: AddressType
    package let realloc: Int?
    /// Which of the component's handle tables the function's handles live in.
    package let componentInstance: Int
    /// How text lies in the guest's memory.
    package let encoding: StringEncoding
    /// By `async`: the call may end before its callee does.
    package let isAsync: Bool

    package convenience init(
        name: String, memory: Int?, addressType: AddressType = .i32, realloc: Int?, componentInstance: Int,
        encoding: StringEncoding = .utf8, isAsync: Bool = false
    ) {
        self.init(
            .named(name), memory: memory, addressType: addressType, realloc: realloc,
            componentInstance: componentInstance, encoding: encoding, isAsync: isAsync)
    }

    init(
        _ label: FunctionLabel, memory: Int?, addressType: AddressType, realloc: Int?, componentInstance: Int,
        encoding: StringEncoding, isAsync: Bool
    ) {
        self.label = label
        self.memory = memory
        self.addressType = addressType
        self.realloc = realloc
        self.componentInstance = componentInstance
        self.encoding = encoding
        self.isAsync = isAsync
    }

    package var name: String { self.label.description }
}
