/// A memory by way of which guests with a 64-bit one exchange values with the host.
extension Planner {
    /// How the host sees a call that a guest makes with such options: the same handles, another memory.
    func roomOptions(for guest: CanonicalOptions) -> CanonicalOptions {
        let memory = self.roomMemory()
        let realloc = self.trampoline(.allocateRoom(memory: memory), AddressType.i32.realloc)
        return CanonicalOptions(
            memory: memory, realloc: self.functionSlot(realloc.definition), encoding: .utf8,
            componentInstance: guest.componentInstance, isAsync: guest.isAsync)
    }

    /// The slot of the memory: of a module of its own, made when it is first asked for.
    private func roomMemory() -> Int {
        if let slot = self.room { return slot }
        let instance = self.plan.steps.count
        self.plan.steps.append(
            .instantiate(module: self.addGenerated(Self.roomModule, name: "room", definedMemories: 1), imports: []))
        let slot = self.memorySlot(.export(instance: instance, name: "memory"))
        self.room = slot
        return slot
    }

    /// `(module (memory (export "memory") 1))`
    private static let roomModule: [UInt8] = {
        var module = CoreModuleWriter()
        module.export("memory", .memory, module.memory(pages: 1))
        return module.encode()
    }()
}
