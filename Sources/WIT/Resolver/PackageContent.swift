/// The items of one package, gathered from its files.
struct PackageContent {
    let name: PackageName
    var files: [String]
    var documentation: [String]
    var items: [TopLevelItem]

    /// Gathers files into packages, in order of first appearance.
    static func collect(_ groups: [[SyntaxFile]]) throws(WITError) -> [PackageContent] {
        var contents: [PackageContent] = []
        var indices: [PackageName: Int] = [:]
        func add(_ name: PackageName, _ file: String, _ documentation: [String], _ items: [TopLevelItem]) {
            if let index = indices[name] {
                if contents[index].files.last != file { contents[index].files.append(file) }
                contents[index].documentation += documentation
                contents[index].items += items
            } else {
                indices[name] = contents.count
                contents.append(
                    PackageContent(name: name, files: [file], documentation: documentation, items: items))
            }
        }
        for group in groups {
            let names = Set(group.compactMap(\.packageName))
            for file in group {
                if let name = file.packageName ?? (names.count == 1 ? names.first : nil) {
                    add(name, file.path, file.documentation, file.items)
                } else if !file.items.isEmpty {
                    let choices = names.map { "`\($0)`" }.sorted().joined(separator: ", ")
                    throw WITError(
                        .unresolved, SourceLocation(file: file.path, line: 1, column: 1),
                        "the file says no package, and its folder has \(names.isEmpty ? "none" : "several: \(choices)")",
                        expected: "`package …;` at the top")
                }
                for nested in file.nested { add(nested.name, file.path, nested.documentation, nested.items) }
            }
        }
        return contents
    }
}
