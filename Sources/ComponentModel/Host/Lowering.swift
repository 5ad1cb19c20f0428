/// How a component lowered one imported function: which memory, which allocator, whose handles.
///
/// Slots point into ``ComponentInstance``; the same lowering serves every instance of the component.
package final class Lowering: Sendable {
    /// The function as a person knows it: `wasi:io/streams@0.2.0#[method]input-stream.read`.
    package let name: String
    package let memory: Int?
    package let realloc: Int?
    /// Which of the component's handle tables the function's handles live in.
    package let componentInstance: Int

    package init(name: String, memory: Int?, realloc: Int?, componentInstance: Int) {
        self.name = name
        self.memory = memory
        self.realloc = realloc
        self.componentInstance = componentInstance
    }
}
