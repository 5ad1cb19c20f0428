extension Dictionary where Key == String {
    /// What a component has by a name that its guest says.
    func granted(_ name: String) -> Value? {
        // To hash what a guest may say takes a while, and no manifest has such names.
        name.utf8.count <= 4096 ? self[name] : nil
    }
}
