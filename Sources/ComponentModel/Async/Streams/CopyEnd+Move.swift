/// Items on their way from one guest to another.
extension CopyEnd {
    /// Moves the next `count` items of this copy to another's buffer; both have as many.
    func move(_ count: Int, to reader: CopyEnd) throws {
        switch self.operation?.payload.transfer {
        case .memory:
            let from = try self.view(count)
            let to = try reader.view(count)
            // Two ends of one instance may overlap.
            to.copyMemory(from: UnsafeRawBufferPointer(from))
        case .values:
            for index in 0..<count { try self.moveValue(index, to: reader) }
        case .nothing, nil: break
        }
        self.advance(count)
        reader.advance(count)
    }

    private func moveValue(_ index: Int, to reader: CopyEnd) throws {
        guard let operation = self.operation, let readerOperation = reader.operation,
            let type = operation.payload.type, let readerType = readerOperation.payload.type
        else { return }
        // Each is let go of before the next is lifted.
        self.instance.liftBudget = ComponentInstance.maximumLift
        let from = self.instance.context(operation.lowering)
        let value = try from.load(type, try from.view(self.address(ahead: index), operation.payload.layout), 0)
        let to = reader.instance.context(readerOperation.lowering)
        try to.store(value, readerType, at: reader.address(ahead: index))
    }
}
