/// Handles of the interfaces from before resources: numbers, which a guest gives back with `close`.
struct NumberedHandles<Object> {
    private var objects: [UInt32: Object] = [:]
    private var next: UInt32 = 0

    subscript(number: UInt32) -> Object? { self.objects[number] }

    /// The caller bounds how many there are.
    mutating func insert(_ object: Object) -> UInt32 {
        while self.objects[self.next] != nil { self.next &+= 1 }
        let number = self.next
        self.objects[number] = object
        self.next &+= 1
        return number
    }

    @discardableResult
    mutating func remove(_ number: UInt32) -> Object? { self.objects.removeValue(forKey: number) }
}
