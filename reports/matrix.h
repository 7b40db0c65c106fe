// Systems side by side: one record a column; a row is a requirement, a case or an observation.
//
// A cell of a case is its verdict, of a requirement how many of its instances pass, of an observation what was seen.
// Differing rows are those whose cells are not all the same; a system that was not asked differs from one that
// answered.
#pragma once

#include <ostream>
#include <string>
#include <unordered_map>
#include <vector>

#include "reports/result.h"

namespace ipcvet {

enum class MatrixRows : uint8_t { requirement, case_, observation };

struct Matrix {
  struct Cell {
    enum class Mood : uint8_t { none, good, bad, odd };  // odd: skipped, or no verdict
    std::string text{};
    Mood mood = Mood::none;
    bool operator==(const Cell &) const = default;
  };
  struct Row {
    std::string name{};
    std::vector<Cell> cells{};
    bool differs() const;
  };
  std::string rows_are{};  // "requirement", "case", "observation"
  std::vector<std::string> columns{};
  std::vector<Row> rows{};  // by name
  size_t left_out = 0;      // rows that do not differ
};

// Fed record by record, so that only one need be in memory.
class MatrixBuilder {
 public:
  MatrixBuilder(MatrixRows kind, std::vector<std::string> columns);
  void add(size_t column, const Record &record);
  Matrix take(bool only_differing);

 private:
  std::vector<Matrix::Cell> &row(const std::string &name);
  void add_requirements(size_t column, const Record &record);
  void add_cases(size_t column, const Record &record);
  void add_observations(size_t column, const Record &record);

  MatrixRows kind_;
  Matrix matrix_{};
  std::vector<std::pair<std::string, std::vector<Matrix::Cell>>> rows_{};
  std::unordered_map<std::string, size_t> index_{};
};

void write_text(std::ostream &out, const Matrix &matrix);
void write_csv(std::ostream &out, const Matrix &matrix);
void write_html(std::ostream &out, const Matrix &matrix);

}  // namespace ipcvet
