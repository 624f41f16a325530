-- vhdl_top.vhd - VHDL with Verilog inside: counted.v. kind says what by is, distance how far it is from 100.
library ieee;
use ieee.std_logic_1164.all;
use ieee.numeric_std.all;

entity vhdl_top is
  generic (STEP : integer := 3);
  port (
    clk, reset : in std_logic;
    by_how_much : in std_logic_vector(7 downto 0);
    Total : out std_logic_vector(15 downto 0);
    kind : out std_logic_vector(2 downto 0);
    distance : out unsigned(8 downto 0));
end entity;

architecture rtl of vhdl_top is
  component Counted is
    generic (STEP : integer);
    port (clk, reset : in std_logic; by : in std_logic_vector(7 downto 0); total : out std_logic_vector(15 downto 0));
  end component;
begin
  part : Counted generic map (STEP => STEP) port map (clk, reset, by_how_much, Total);
  distance <= unsigned(abs (signed('0' & by_how_much) - 100));
  process (by_how_much) begin
    case by_how_much is
      when x"00" => kind <= "000";
      when x"01" | x"02" | x"03" => kind <= "001";
      when x"ff" => kind <= "010";
      when others => kind <= "101";
    end case;
  end process;
end architecture;
